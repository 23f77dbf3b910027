import fc from 'fast-check';
import { wait } from '../../../core/clock';
import { linesOf } from '../../support/conversation';
import { createFlow, type Flow } from '../../support/flow';
import { action, propertyRuns } from '../../support/memory';

// A session goes through several executions at once, each as slow as it likes wherever it calls
// somebody. When the last is through, without any failure, nothing is left for later activity to do.

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

const idsIn = (text: string) => text.match(/#\d+/g) ?? [];

it('leaves nothing undone, whichever of the executions finds the others at it', async () => {
  await fc.assert(
    fc.asyncProperty(executions, delays, processes, async (started, slow, processes) => {
      const flow = await createFlow({ linkWindowMs: 3_600_000, processes });
      let calls = 0;
      const call = async () => await wait(flow.clock, slow[calls++ % slow.length]!);
      flow.chat.whileCalled(call);
      flow.useModel(async (prompt) => {
        await call();
        return `Covers ${[...new Set(idsIn(prompt))].join(' ')}`;
      });
      let count = 0;
      const all: Array<Promise<void>> = [];
      for (const { after, actions } of started) {
        await flow.clock.advance(after);
        const ids = Array.from({ length: actions }, () => `#${count++}`);
        all.push(execute(flow, ids));
      }
      await Promise.all(all);

      const notes = flow.chat.notes('c1');
      const told = Array.from({ length: count }, (_, i) => `#${i}`);
      expect(notes.flatMap(({ text }) => linesOf(text))).toEqual(told);
      const standing = flow.chat.standing('c1');
      const summaries = standing.filter((text) => text.includes('Covers'));
      expect(summaries).toHaveLength(notes.length > summaries.length ? 1 : 0);
      // No note stands of which the summary tells everything, and all that it does not tell stands.
      const covered = new Set(summaries.flatMap(idsIn));
      const listed = standing.map(linesOf).filter((lines) => lines.length > 0);
      expect(listed.filter((lines) => lines.every((id) => covered.has(id)))).toEqual([]);
      expect(new Set([...covered, ...listed.flat()])).toEqual(new Set(told));
      expect(await flow.memory().unfinished('m', { limit: 9, includePaused: true })).toEqual([]);
      await flow.close();
    }),
    { numRuns: propertyRuns(60) },
  );
}, 120_000);
