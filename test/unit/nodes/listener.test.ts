import { createListener } from '../../../nodes/shared/batching/listener';
import type { SourceSink } from '../../../nodes/shared/batching/listener';
import type { TriggerItem } from '../../../core/payload/types';
import { DEFAULTS } from '../../../nodes/AutoplayStreamTrigger/options';
import { action, batch } from '../../support/batches';
import { createFakeClock } from '../../support/fakeClock';

it('what was left out is counted although the source leaves nothing of the first item', async () => {
  const clock = createFakeClock();
  const started: TriggerItem[][] = [];
  let sink: SourceSink | undefined;
  const nothing = () => {};
  const listener = createListener({
    name: 'Source',
    settings: {
      ...{ productId: 'shop', remembersSessions: false, executionTimeout: 0, options: DEFAULTS },
      filter: { types: ['focus'], pages: [], emails: [], users: [], onlyIdentified: false },
    },
    open(given) {
      sink = given;
      return {
        ...{ start: nothing, stop: async () => {}, stats: () => ({}) },
        settle: (item) => (item.session_id === 'gone' ? undefined : { ...item }),
      };
    },
    clock,
    logger: { debug: nothing, info: nothing, warn: nothing, error: nothing },
    async execute(items) {
      started.push(items);
      return 'done';
    },
    onProblem: nothing,
  });
  for (const session of ['gone', 's']) {
    const actions = ['click', 'focus'].map((type, index) => {
      return action({ index, type, action_id: `${session} ${type}` });
    });
    sink!.onBatch(batch(session, [], { actions, count: 2 }));
  }
  await clock.advance(1_000);
  expect(started).toMatchObject([[{ session_id: 's', left_out_actions: 2 }]]);
  await listener.stop();
});
