import { mkdtempSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Claim, PendingNote, SessionMemory } from '../../../core/memory/types';
import type { SessionBatch } from '../../../core/payload/types';
import { createFakeClock } from '../../support/fakeClock';
import { action, batch, DAY_MS, granted, ref, testMemory } from '../../support/memory';
import { rule } from '../../support/moments';
import { offerRequest } from '../../support/offers';
import { recordStatements, type Recording } from '../../support/plans';
import { addressOf, query, usesPostgres } from '../../support/postgres';

// Beside 200,000 sessions, no statement looks at all of them. The statements are those that the code sends: one
// that is added is judged without being named here, and a method of the memory that is not called fails the test.

const SESSIONS = 200_000;
/** Sessions of one user, who comes back again and again, at the end of all. */
const POPULAR = 2_000;
/** Linked sessions, at the beginning. */
const LINKS = 50_000;
const DUE = 100;
/** A session that has gone on for long, with so many notes that stand in its conversation. */
const LONG = 2_000;
const LONG_NOTES = 3_000;
const EXPIRED = 10;
/** What one statement may read: the rows of one visitor or conversation, however long they have been there. */
const MOST_ROWS = 5_000;

const clock = createFakeClock();
const now = clock.now();
const later = now + DAY_MS;
const numbers = (count: number) =>
  `with recursive n (i) as (select 1 union all select i + 1 from n where i < ${count})`;
const isPopular = `i > ${SESSIONS - POPULAR}`;

const CROWD = [
  `insert into autoplay_session (memory, product_id, session_id, user_id, email, last_seq,
      summarized_seq, last_seen_at, expires_at)
    ${numbers(SESSIONS)} select 'm', 'shop', 's' || i,
      case when ${isPopular} then 'popular' else 'u' || i end,
      case when ${isPopular} then 'popular@example.com' else 'u' || i || '@example.com' end,
      2, 0, ${now} - i, case when i <= ${EXPIRED} then ${now - 1} else ${later} end from n`,
  `insert into autoplay_identity (session, kind, value)
    ${numbers(SESSIONS)} select i, 'user_id', case when ${isPopular} then 'popular' else 'u' || i end from n`,
  `insert into autoplay_action (session, seq, action_id, at, body)
    ${numbers(SESSIONS)} select i, 1, 'a', ${now} - 1, '{"type":"click","title":"","description":"x","raw_url":"","canonical_url":"/"}' from n`,
  `insert into autoplay_link (memory, session, chat, conversation_id, linked_at, delivered_seq, recalled_seq,
      due_at)
    ${numbers(LINKS)} select 'm', i, 'crisp', 'c' || i, ${now}, 1, 0,
      case when i > ${LINKS - DUE} then ${now} - 1 end from n`,
  `insert into autoplay_note (link, kind, state, note_id, text, from_seq, to_seq, actions, created_at)
    ${numbers(LINKS)} select i, 'activity', 'standing', 'n' || i, '', 1, 1, 1, ${now} from n`,
  `insert into autoplay_note (link, kind, state, note_id, text, from_seq, to_seq, actions, created_at)
    ${numbers(LONG_NOTES)} select ${LONG}, 'activity', 'standing', 'long' || i, '', i + 1, i + 1, 1, ${now} from n`,
  `insert into autoplay_summary (session, upto_seq, text, source, created_at)
    ${numbers(LINKS)} select i, 1, 'x', 'model 1', ${now} from n`,
  `insert into autoplay_waiting_link (memory, chat, conversation_id, user_id, created_at, expires_at)
    ${numbers(LINKS)} select 'm', 'crisp', 'waits' || i, 'w' || i, ${now}, ${later} from n`,
  `insert into autoplay_seen (scope, key, seen_at)
    ${numbers(LINKS)} select 'hooks', 'k' || i, ${now} from n`,
  `insert into autoplay_offer (offer_id, memory, product_id, session, person_seq, person, moment_id, moment_at,
      rule, rule_version, page, chat, decided_at, decided_seq, state, arm, made_at, text, conversation_id,
      failures, may_have_landed, sent_at, outcome, outcome_at, ignored_after_ms, dismissed_ms, twice_ms,
      has_goal, settle_at)
    ${numbers(LINKS)} select 'offer ' || i, 'm', 'shop', i, 0, 'p' || (i % 9000), 'past ' || i, ${now} - i * 1000,
      'rule ' || (i % 20), '1', '/plans', 'crisp', ${now} - i * 1000, 1, 'sent', 'treated', ${now} - i * 1000, '', 'o' || i,
      0, 0, ${now} - i * 1000, 'ignored', ${now} - i * 1000, 0, 0, 0,
      0, case when i <= ${DUE} then ${now} - 1 else ${later} end from n`,
  `insert into autoplay_offer_person (offer, key, made)
    ${numbers(LINKS)} select i, 'key ' || (i % 9000), 1 from n`,
  `insert into autoplay_objection (key, memory, product_id, until)
    ${numbers(LINKS)} select 'key ' || i, 'm', 'shop', ${later} from n`,
  `insert into autoplay_incoming (inbox, key, arrived_at, body)
    ${numbers(LINKS)} select 'inbox ' || (i % 10), 'k' || i, ${now}, '{}' from n`,
  `insert into autoplay_moment (moment_id, memory, product_id, person, detector, fired, at)
    ${numbers(LINKS)} select 'm' || i, 'm', 'shop', 'p' || i, 'd', 'v person x', ${now} from n`,
  `insert into autoplay_watch (session, detector, memory, due_at, fired)
    ${numbers(LINKS)} select i, 'd', 'm', ${now} + i, '[]' from n`,
  `insert into autoplay_history (memory, product_id, person, body, kept_since, seen_at)
    ${numbers(LINKS)} select 'm', 'shop', 'p' || i, '{}', ${now}, ${now} from n`,
];

let folder: string;
let memory: SessionMemory;
let recording: Recording;
const called = new Set<string>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'autoplay-plans-'));
  const file = join(folder, 'crowd.sqlite');
  await (await testMemory(clock, file)).close();
  await fill(file);
  recording = recordStatements(file);
  const opened = await testMemory(clock, file);
  memory = new Proxy(opened, {
    get: (target, name: keyof SessionMemory) => {
      called.add(name);
      return target[name];
    },
  });
});
afterAll(async () => {
  recording.end();
  await memory.close();
  rmSync(folder, { recursive: true });
});

async function fill(file: string): Promise<void> {
  if (usesPostgres) {
    for (const statement of [...CROWD, 'analyze']) await query(addressOf(file), statement);
    return;
  }
  const db = new DatabaseSync(file);
  db.exec('pragma synchronous = off');
  for (const statement of CROWD) db.exec(statement);
  db.close();
}

const pace = { liveMs: DAY_MS, calmMs: 1, endMs: DAY_MS };
const follow = { pace, latest: 1, summaryFirst: true };
const note = { windowMs: DAY_MS, maxActions: 500, leaseMs: 60_000, follow };
const remember = async (...batches: SessionBatch[]) => await memory.remember('m', batches, DAY_MS);

async function claimNote(session_id: string): Promise<{ claim: Claim; note: PendingNote }> {
  const claimed = granted(await memory.claimNote(ref(session_id), 'crisp', note));
  return claimed;
}

/** Everything that a memory does, as it is done for a few sessions among many. */
async function useEverything(): Promise<void> {
  // Remember: known and new sessions, what was known before, and a connector's summary.
  const fields = { user_id: 'u100', email: 'u100@example.com', conversation_id: 'c100' };
  const summaries = [{ summary: 'S', replaces: 1, forwarded_at: 1, position: 1, summary_id: 'x' }];
  const known = batch('s100', [action('b'), action('c')], { ...fields, summaries });
  const many = Array.from({ length: 40 }, (_, i) =>
    batch(`${i % 2 ? 's' : 'new '}${1_000 + i}`, [action('d')], { user_id: `u${1_000 + i}` }),
  );
  await remember(known, ...many);
  await remember(known, ...many);
  await remember(batch('again', [action('e')], { user_id: 'popular' }));
  // A session that some conversation waits for, of whichever product.
  await remember(batch('awaited', [action('f')], { user_id: 'w7', email: 'w7@example.com' }));

  // Link: by every name, in vain, and of somebody with very many sessions.
  const named = { session_id: 's60000', user_id: 'u60000', email: 'u60000@example.com' };
  for (const whom of [
    named,
    { user_id: 'u60001' },
    { email: 'u60002@example.com' },
    { user_id: 'popular' },
    { user_id: 'popular', product_id: 'shop' },
    { session_id: 'nobody', user_id: 'nobody', email: 'nobody' },
    {},
  ]) {
    const conversation_id = `linked ${JSON.stringify(whom)}`;
    await memory.link('m', { chat: 'crisp', conversation_id, ...whom }, DAY_MS);
  }
  await memory.link('m', { chat: 'crisp', conversation_id: 'c200' }, DAY_MS);

  // Deliver: claim, renew, commit, release, and what other nodes post.
  for (const session_id of ['s300', 's301', 's302', 's303', 's304']) {
    await remember(batch(session_id, [action('g')]));
  }
  await remember(batch(`s${LONG}`, [action('h')]));
  const long = await claimNote(`s${LONG}`);
  await memory.commitNote(long.claim, long.note, 'long');
  const committed = await claimNote('s300');
  await memory.extend(committed.claim, 60_000);
  await memory.commitNote(committed.claim, committed.note, 'n 300');
  const released = await claimNote('s301');
  await memory.releaseNote(released.claim, released.note, {
    mayHaveLanded: false,
    retryAfterMs: 1_000,
  });
  const given = await claimNote('s302');
  await memory.release(given.claim);
  const held = await claimNote('s303');
  await memory.heldNote('m', held.note.rowId, held.claim.lease);
  await memory.release(held.claim, 1_000);
  const gone = await claimNote('s304');
  await memory.endLink(gone.claim);
  await memory.conversationOf(ref('s300'), 'crisp');
  await memory.closeConversation('m', { chat: 'crisp', conversation_id: 'c300' });

  // Summaries, and what they take the place of.
  const condition = { threshold: 1, linkedOnly: true, maxActions: 500, leaseMs: 60_000 };
  for (const session_id of ['s300', 's305']) {
    const summary = granted(
      await memory.claimSummary(ref(session_id), {
        ...condition,
        includePaused: false,
      }),
    );
    if (session_id === 's305') await memory.releaseSummary(summary.work, 1_000);
    else await memory.commitSummary(summary.work, 'All of it.');
  }
  await memory.replacementLeft(ref('s300'), 'crisp');
  const told = granted(await memory.claimSummaryNote(ref('s300'), 'crisp', { leaseMs: 60_000 }));
  await memory.commitNote(told.claim, told.note, 'n 300 summary');
  const redact = { leaseMs: 60_000, includePaused: false };
  const redactions = granted(await memory.claimRedactions(ref('s300'), 'crisp', redact));
  for (const one of redactions.notes) await memory.markRedacted(one);
  await memory.release(redactions.claim);

  // Recall.
  const far = { windowMs: DAY_MS, maxActions: 1 };
  for (const whom of [
    { session_id: 's400' },
    { user_id: 'u400' },
    { email: 'u400@example.com' },
    { user_id: 'popular' },
    { email: 'popular@example.com' },
    { chat: 'crisp', conversation_id: 'c400' },
    { chat: 'crisp', conversation_id: 'c400', session_id: 's400', onlyNew: true },
  ]) {
    await memory.recall('m', { ...whom, ...far });
  }

  // Lists and counts, of memories with very many sessions.
  for (const which of ['recent', 'linked', 'waiting'] as const) {
    await memory.listSessions('m', { which, limit: 20 });
    for (const text of ['u60000@example.com', 's60000', 'popular', 'nobody']) {
      await memory.listSessions('m', { which, text, limit: 20 });
    }
  }
  await memory.status('m');
  await memory.memories();

  // Moments.
  const watched = ['s600', 's601', 'nobody'].map((session_id) => ({
    product_id: 'shop',
    session_id,
  }));
  const rules = [rule('dwell'), rule('nth_visit', { visits: 1 })];
  await memory.detectMoments('m', { name: 'd', rules }, watched);
  await memory.nextMomentAt('m');
  await memory.nextMomentAt('m', ['d', 'e']);

  await useOffers();

  // Wake-ups, webhooks, tidying.
  const work = { chats: ['crisp'], summaries: true };
  for (const whose of [undefined, work, { chats: ['intercom'], summaries: false }]) {
    await memory.isWorkDue('m', { work: whose });
    await memory.unfinished('m', { limit: 20, work: whose, detectors: ['d'] });
    await memory.unfinished('m', { limit: 20, includePaused: true, work: whose });
  }
  await memory.firstSight('hooks', 'k1');
  await memory.firstSight('hooks', 'new');
  await memory.keepIncoming('inbox', [{ key: 'k1', body: '{}' }]);
  await memory.incoming('inbox', 0, 500);
  await memory.dropIncoming('inbox', ['k1', 'new']);
  await memory.forget({ session_id: 's500', memory: 'm' });
  // In one memory: a person who is forgotten in all of them is looked for among all conversations that wait.
  await memory.forget({ user_id: 'u501', email: 'u501@example.com', memory: 'm' });
  await memory.expire();
}

/** Everything that is done about offers, of persons with few and with very many sessions. */
async function useOffers(): Promise<void> {
  for (const session_id of ['s600', 's601', 's602', 's603']) {
    await remember(batch(session_id, [action('looks', { canonical_url: '/plans' })]));
    const goal = { page: '/paid', withinMs: 1 };
    const request = offerRequest(now, { session: ref(session_id), goal });
    const { hold } = granted(await memory.claimOffer(request));
    await memory.claimOffer(request);
    await memory.confirmOffer(hold, request.manners, 60_000);
    await memory.extendOffer(hold, 60_000);
    await memory.advanceOffer(hold, { conversation_id: `c${session_id}`, message_ref: null });
    if (session_id === 's601') await memory.holdBackOffer(hold, 'blocked');
    else if (session_id === 's602') await memory.releaseOffer(hold, { mayHaveLanded: false });
    else {
      await memory.commitOffer(hold, { conversation_id: `c${session_id}`, message_ref: 'm' });
    }
  }
  await memory.claimOffer(offerRequest(now, { session: ref(`s${SESSIONS}`) }));
  const open = await memory.openOffer(ref('s600'), 'crisp');
  await memory.withdrawOffer(open!);
  const reply = { chat: 'crisp', conversation_id: 'cs603' };
  await memory.recordReply('m', { ...reply, seen: true });
  await memory.recordReply('m', { ...reply, text: 'stop' });
  await memory.recordReply('m', { ...reply, value: 'no', message_ref: 'm' });
  await memory.reportOffers('m', { since: now - 1_000_000 });
  await memory.reportOffers('m', { since: now - 1_000_000, product_id: 'shop' });
  await memory.forget({ session_id: 's600', memory: 'm', keepObjection: false });
  await memory.forget({ user_id: 'u601', memory: 'm' });
}

it('every statement finds its rows by an index', async () => {
  await useEverything();
  const methods = Object.keys(memory).filter((name) => name !== 'close');
  expect(methods.filter((name) => !called.has(name))).toEqual([]);
  const plans = await recording.plans();
  expect(plans.length).toBeGreaterThan(80);
  // That table has one row.
  const isSmall = (scan: string) => scan.includes('autoplay_secret');
  const bad = plans.filter(({ scans, rows }) => !scans.every(isSmall) || rows > MOST_ROWS);
  const shown = bad.map(({ sql, scans, rows }) => `${rows} rows; ${scans.join(', ')}: ${sql}`);
  expect([...new Set(shown)]).toEqual([]);
});
