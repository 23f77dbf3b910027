import type { SessionMemory } from '../../../core/memory/types';
import { activityNoteText } from '../../../core/text/note';
import { createFakeClock, type FakeClock } from '../../support/fakeClock';
import { action, batch, DAY_MS, granted, HOUR_MS, testMemory } from '../../support/memory';
import { testRules } from '../../support/noteRules';

// The machine's clock is set back while something is under way, or after a crash.

let clock: FakeClock;
let memory: SessionMemory;
const ref = { memory: 'm', product_id: 'shop', session_id: 's' };
const here = { chat: 'intercom', conversation_id: '1', session_id: 's' };
const note = { windowMs: 120_000, maxActions: 9, leaseMs: 45_000 };
const summary = { threshold: 1, linkedOnly: true, maxActions: 9, leaseMs: 600_000 };

beforeEach(async () => {
  clock = createFakeClock();
  memory = await testMemory(clock);
  await memory.remember('m', [batch('s', [action('one')])], DAY_MS);
  await memory.link('m', here, DAY_MS);
});
afterEach(() => memory.close());

const claimNote = async () => (await memory.claimNote(ref, 'intercom', note)).status;
const claimSummary = async (includePaused = false) =>
  await memory.claimSummary(ref, { ...summary, includePaused });

it('a claim from before the clock was set back counts as lapsed', async () => {
  expect(await claimNote()).toBe('claimed');
  expect((await claimSummary()).status).toBe('claimed');
  expect([await claimNote(), (await claimSummary()).status]).toEqual(['busy', 'busy']);
  clock.jump(-HOUR_MS);
  expect(await memory.unfinished('m', { limit: 9, includePaused: true })).toHaveLength(1);
  expect([await claimNote(), (await claimSummary()).status]).toEqual(['claimed', 'claimed']);
});

it('redaction claims and pauses from before the clock was set back count as lapsed, too', async () => {
  const claimed = granted(await memory.claimNote(ref, 'intercom', note));
  await memory.commitNote(claimed.claim, claimed.note, 'note 1');
  const asked = granted(await claimSummary());
  await memory.commitSummary(asked.work, 'Did one.');
  const posting = granted(await memory.claimSummaryNote(ref, 'intercom', { leaseMs: 45_000 }));
  await memory.commitNote(posting.claim, posting.note, 'note 2');
  const redact = async () =>
    await memory.claimRedactions(ref, 'intercom', { leaseMs: 45_000, includePaused: false });
  expect((await redact()).status).toBe('claimed');
  expect((await redact()).status).toBe('busy');
  clock.jump(-2 * HOUR_MS);
  const again = granted(await redact());
  await memory.release(again.claim, 300_000);
  expect((await redact()).status).toBe('nothing');
  clock.jump(-2 * HOUR_MS);
  expect((await redact()).status).toBe('claimed');
});

it('a claim survives a small correction of the clock, and a renewal after the clock was set', async () => {
  const claimed = granted(await memory.claimNote(ref, 'intercom', note));
  clock.jump(-2_000);
  expect(await claimNote()).toBe('busy');
  clock.jump(-HOUR_MS);
  await memory.extend(claimed.claim, 45_000);
  expect(await claimNote()).toBe('busy');
  expect(await memory.unfinished('m', { limit: 9, includePaused: true })).toEqual([]);
});

it('a link from before the clock was set back does not hide later activity', async () => {
  clock.jump(-HOUR_MS);
  await memory.remember('m', [batch('s', [action('two')])], DAY_MS);
  const claimed = await memory.claimNote(ref, 'intercom', note);
  expect(claimed).toMatchObject({ status: 'claimed', note: { actions: 2 } });
});

it('activity after the clock was set back comes after earlier activity, with or without times of its own', async () => {
  const start = clock.now() / 1_000;
  const texts: string[] = [];
  const rules = { ...testRules, composeActivity: activityNote };
  function activityNote(...[session, actions]: Parameters<typeof testRules.composeActivity>) {
    texts.push(activityNoteText(session.session_id, actions, 0));
    return texts.at(-1)!;
  }
  const told = await testMemory(clock, ':memory:', rules);
  const said = ['with a time', 'without', 'with one again', 'and without'];
  for (const [n, description] of said.entries()) {
    const timestamp_start = n % 2 === 0 ? start + n : null;
    await told.remember('m', [batch('s', [action(description, { timestamp_start })])], DAY_MS);
    clock.jump(-400_000);
    await clock.advance(1_000);
  }
  await told.link('m', here, DAY_MS);
  await told.claimNote(ref, 'intercom', note);
  await told.close();
  const lines = texts[0]!.split('\n').filter((line) => line.startsWith('['));
  expect(lines).toEqual(said.map((one, n) => `[${n + 1}] ${one}`));
});
