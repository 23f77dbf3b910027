import fc from 'fast-check';
import { wait } from '../../../core/clock';
import { createModel } from '../../faults/model';
import { summaryOf } from '../../faults/summaries';
import { createFlow, type Flow } from '../../support/flow';
import { action, propertyRuns } from '../../support/memory';

// Several executions work on one session at once, and each of their calls takes some time. Nothing fails. When the last
// execution has ended, nothing is left for later activity to do.

const ms = fc.nat({ max: 3_000 });
const executions = fc.array(fc.record({ after: ms, actions: fc.integer({ min: 1, max: 3 }) }), {
  minLength: 2,
  maxLength: 6,
});
const delays = fc.array(ms, { minLength: 1, maxLength: 12 });
const processes = fc.constantFrom<'one' | 'many'>('one', 'many');

/** The steps of one execution, as the workflow has them. */
async function execute(flow: Flow, actions: string[]): Promise<void> {
  await flow.remember(
    's',
    actions.map((id) => action(id)),
    { conversation_id: 'c1' },
  );
  await flow.deliver('s');
  await flow.summarize('s', 2);
  await flow.replace('s');
}

it('concurrent executions of one session together deliver, summarize and redact everything', async () => {
  await fc.assert(
    fc.asyncProperty(executions, delays, processes, async (started, slow, processes) => {
      const flow = await createFlow({ linkWindowMs: 3_600_000, processes });
      let calls = 0;
      const call = async () => await wait(flow.clock, slow[calls++ % slow.length]!);
      flow.chat.whileCalled(call);
      flow.useModel(async (prompt) => {
        await call();
        return summaryOf(prompt);
      });
      const model = createModel();
      flow.chat.watch(model.watcher);
      const session = model.session('s', 'c1');
      session.threads[0]!.linked = true;
      const all: Array<Promise<void>> = [];
      for (const { after, actions } of started) {
        await flow.clock.advance(after);
        const { remembered } = session;
        const ids = Array.from({ length: actions }, (_, i) => `#${remembered.length + i}`);
        remembered.push(...ids);
        all.push(execute(flow, ids));
      }
      await Promise.all(all);

      expect(model.faults()).toEqual([]);
      expect(await flow.memory().unfinished('m', { limit: 9, includePaused: true })).toEqual([]);
      await flow.close();
    }),
    { numRuns: propertyRuns(60) },
  );
});
