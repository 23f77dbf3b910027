import { systemClock } from '../../../core/clock';
import type { SessionMemory } from '../../../core/memory/types';
import { lookForWork } from '../../../nodes/shared/batching/lookForWork';
import type { DatabaseAddress } from '../../../tools/servers/postgres';
import { createFakeClock } from '../../support/fakeClock';
import { action, batch, DAY_MS, granted } from '../../support/memory';
import { rule } from '../../support/moments';
import { newDatabase, openServerMemory } from '../../support/postgres';
import { until } from '../../support/until';

const QUEUE = { EXECUTIONS_MODE: 'queue' };
const chat = { chat: 'crisp', conversation_id: 'c' };
const notes = { windowMs: DAY_MS, maxActions: 9, leaseMs: 60_000 };

let address: DatabaseAddress;
let memory: SessionMemory;
beforeEach(async () => {
  address = await newDatabase();
  memory = await openServerMemory(address, { clock: systemClock });
});
afterEach(() => memory.close());

interface Step {
  name?: string;
  type?: string;
  disabled?: boolean;
  parameters?: object;
}

/** A trigger that looks, in a workflow with these steps behind it. */
async function look({
  steps = [{}],
  env = QUEUE,
  storage = 'postgres',
  server = address,
}: { steps?: Step[]; env?: NodeJS.ProcessEnv; storage?: string; server?: DatabaseAddress } = {}) {
  const clock = createFakeClock();
  const warnings: string[] = [];
  let due = 0;
  const credentials = { autoplayMemoryApi: { id: '1', name: 'Memory' } };
  const context = {
    getNode: () => ({ name: 'Autoplay Stream', credentials }),
    getWorkflow: () => ({ id: 'w' }),
    getCredentials: async () => ({ storage, ...server }),
    getChildNodes: () =>
      steps.map((step) => ({ type: 'n8n-nodes-autoplay.autoplaySessionMemory', ...step })),
    logger: { warn: (said: string) => void warnings.push(said) },
  };
  const moments: number[] = [];
  const onDue = () => void (due += 1);
  const onMomentAt = (time: number) => void moments.push(time);
  const { stop, ended } = await lookForWork(context as never, clock, { onDue, onMomentAt }, env);
  /** Lets it look once; resolves when it has. */
  const again = async () => {
    expect(clock.timers()).toBe(1);
    await clock.advance(15_000);
    await until(() => clock.timers() === 1);
  };
  return { clock, stop, ended, again, warnings, moments, due: () => due };
}

/**
 * A session whose note failed in this memory, and might have been tried again a second ago: two connections know the server's
 * time to some milliseconds only.
 */
async function leaveWork(name: string): Promise<void> {
  await memory.remember(name, [batch('s', [action('a')])], DAY_MS);
  await memory.link(name, { ...chat, session_id: 's' }, DAY_MS);
  const session = { memory: name, product_id: 'shop', session_id: 's' };
  const claimed = granted(await memory.claimNote(session, 'crisp', notes));
  await memory.release(claimed.claim, -1_000);
}

it('in queue mode, the trigger finds work that is due in its workflow’s memory, and only that', async () => {
  const looking = await look();
  await looking.again();
  await leaveWork('workflow:other');
  await looking.again();
  expect(looking.due()).toBe(0);
  await leaveWork('workflow:w');
  await looking.again();
  expect(looking.due()).toBe(1);
  // Given out, it is somebody's for a while.
  await memory.unfinished('workflow:w', { limit: 9 });
  await looking.again();
  expect(looking.due()).toBe(1);
  looking.stop();
  expect(looking.clock.timers()).toBe(0);
});

it('in queue mode, the trigger looks into the memory that the workflow’s Remember step names', async () => {
  const named = (memoryName: string) => ({ memoryScope: 'named', memoryName });
  const looking = await look({
    steps: [
      { parameters: { operation: 'recall', ...named('not this') } },
      { parameters: named('nor this'), disabled: true },
      { parameters: { operation: 'remember', ...named('support') } },
    ],
  });
  await leaveWork('name:support');
  await looking.again();
  expect(looking.due()).toBe(1);
  looking.stop();
});

it('in queue mode, the trigger keeps looking during an outage of the server, and logs it once', async () => {
  const server = { ...address, password: 'wrong' };
  const looking = await look({ server });
  await looking.again();
  await looking.again();
  expect(looking.warnings).toEqual([expect.stringMatching(/refuses the password/)]);
  looking.stop();
});

describe('in queue mode, where a step detects moments', () => {
  const detect = { name: 'Detect', type: 'n8n-nodes-autoplay.autoplayDetectMoments' };
  /** A session that will have dwelled for so long. */
  const visit = async (session_id: string, afterMs: number) => {
    await memory.remember('workflow:w', [batch(session_id, [action('a')])], DAY_MS);
    const detector = { name: 'w Detect', rules: [rule('dwell', { afterMs })] };
    await memory.detectMoments('workflow:w', detector, [{ product_id: 'shop', session_id }]);
  };

  it('the trigger learns at its start and after executions when the next session is due', async () => {
    await visit('s', 90_000);
    const looking = await look({ steps: [{}, detect] });
    await until(() => looking.moments.length === 1);
    await visit('t', 60_000);
    // However many executions end at once, the memory is asked once more.
    for (let i = 0; i < 9; i++) looking.ended();
    await looking.clock.advance(500);
    await until(() => looking.moments.length === 2);
    await looking.clock.advance(2_000);
    const [first = 0, second = 0] = looking.moments;
    expect(looking.moments).toHaveLength(2);
    expect(first - second).toBeGreaterThan(25_000);
    looking.stop();
    expect(looking.clock.timers()).toBe(0);
  });
});

it('the trigger refuses an embedded memory in queue mode before anything is started', async () => {
  await expect(look({ storage: 'sqlite' })).rejects.toThrow(/cannot be used in queue mode/);
});

it.each([
  ['outside of queue mode', { env: {}, storage: 'sqlite' }],
  ['where nothing is remembered', { steps: [{ type: 'n8n-nodes-base.noOp' }], storage: 'sqlite' }],
])('does not look %s', async (_, options) => {
  expect((await look(options)).clock.timers()).toBe(0);
});
