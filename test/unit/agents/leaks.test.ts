import { createHmac } from 'node:crypto';
import { ask, type AskParts } from '../../../core/agents/ask';
import type { AgentRequest } from '../../../core/agents/http';
import { namedMemory } from '../../../core/memory/named';
import { createFakeClock } from '../../support/fakeClock';
import { action, batch, DAY_MS, propertyRuns, range, testMemory } from '../../support/memory';
import {
  call,
  finToken,
  hugo,
  NOW,
  parts,
  request,
  signed,
  token,
  WEBSITE,
} from '../../support/agents';

// Visitors ask in turn and at random: rightly, with what others sent, with what they made up, and with what was right
// once. Each visitor's actions carry a word that no other's do.

const VISITORS = 50;
const QUESTIONS = propertyRuns(10_000);
const word = (i: number) => `secret-of-${i}-`;
const uuid = (i: number) => `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`;
const conversation = (i: number) => `session_${uuid(i)}`;
const exp = NOW / 1_000 + 600;

/** The same numbers in each run. */
function createRandom(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** What a question is, and whose actions its answer may tell; null for nobody's. */
interface Try {
  asker: AskParts['asker'];
  request: AgentRequest;
  mayTell: number | null;
}

/** Everything that visitor `me` may try against visitor `other`. */
function tries(me: number, other: number): Record<string, Try> {
  const bearer = (given: string) => ({ authorization: `Bearer ${given}` });
  const mine = token({ user_id: `user-${me}`, exp });
  const names = {
    user_id: `user-${other}`,
    session_id: `s${other}`,
    email: `v${other}@example.com`,
  };
  const right = signed(call(), { session: conversation(me) });
  const [head, , signature] = mine.split('.');
  const claims = Buffer.from(JSON.stringify({ user_id: `user-${other}`, exp })).toString(
    'base64url',
  );
  const fin = (headers: Record<string, string>, mayTell: number | null, rest = {}): Try => ({
    asker: finToken,
    request: request({ headers, body: names, ...rest }),
    mayTell,
  });
  const chat = (request: AgentRequest, mayTell: number | null): Try => ({
    asker: hugo,
    request,
    mayTell,
  });
  const headers = (more: object) => ({ ...right, headers: { ...right.headers, ...more } });
  return {
    'own token': fin(bearer(mine), me),
    'own token, names in the address': fin(bearer(mine), me, {
      method: 'GET',
      query: { ...names, conversation_id: conversation(other) },
    }),
    'another’s claims under the own signature': fin(bearer(`${head}.${claims}.${signature}`), null),
    'no signature': fin(bearer(`${head}.${claims}.`), null),
    'a made-up secret': fin(bearer(token({ user_id: `user-${other}`, exp }, 'guess')), null),
    'a token that has ended': fin(
      bearer(token({ user_id: `user-${other}`, exp: NOW / 1_000 - 99 })),
      null,
    ),
    'two names': fin(bearer(token({ user_id: `user-${me}`, sub: `user-${other}`, exp })), me),
    'no token': fin({}, null),
    'a signed request as a token': fin(right.headers as Record<string, string>, null),
    'own conversation': chat(right, me),
    'own conversation, short': chat(signed(call(), { session: uuid(me) }), me),
    'names in arguments': chat(signed(call(names), { session: conversation(me) }), null),
    'names in the address': chat(
      { ...right, query: { ...names, session: conversation(other) } },
      me,
    ),
    'no conversation': chat(signed(call()), null),
    'two conversations': chat(
      headers({ 'x-crisp-session-id': [conversation(me), conversation(other)] }),
      null,
    ),
    'a list of conversations': chat(
      headers({ 'x-crisp-session-id': `${conversation(me)}, ${conversation(other)}` }),
      null,
    ),
    'another body under an old signature': chat(
      { ...right, rawBody: Buffer.from(JSON.stringify(call({}, 9))) },
      null,
    ),
    'an old request': chat(
      signed(call(), { session: conversation(other), now: NOW - 301_000 }),
      null,
    ),
    'an old request with a new time': chat(headers({ 'x-crisp-timestamp': '1767225601' }), null),
    'a made-up secret of Crisp': chat(
      signed(call(), { session: conversation(other), secret: 'mcp_sec_guess' }),
      null,
    ),
    'another website': chat(
      signed(call(), { session: conversation(other), website: WEBSITE.replace('1', '2') }),
      null,
    ),
    'a signature over the body alone': chat(
      headers({
        'x-crisp-signature': `sha256=${createHmac('sha256', 'x').update(right.rawBody).digest('hex')}`,
      }),
      null,
    ),
    'own token to Hugo': chat(request({ headers: bearer(mine), body: call() }), null),
  };
}

it(`tells nobody of another in ${QUESTIONS} questions`, async () => {
  const clock = createFakeClock(NOW);
  const memory = namedMemory(await testMemory(clock), 'm', DAY_MS);
  await memory.remember(
    range(VISITORS).map((i) =>
      batch(`s${i}`, [action(`${word(i)}did it`, { timestamp_start: NOW / 1_000 - 10 })], {
        user_id: `user-${i}`,
        email: `v${i}@example.com`,
      }),
    ),
  );
  for (const i of range(VISITORS)) {
    await memory.link({
      chat: i % 2 ? 'crisp' : `crisp:${WEBSITE}`,
      conversation_id: conversation(i),
      session_id: `s${i}`,
    });
  }
  const random = createRandom(7);
  const told = new Map<string, number>();
  const shared = parts({ clock, recall: (query) => memory.recall(query) });
  for (let n = 0; n < QUESTIONS; n++) {
    const me = random(VISITORS);
    const other = (me + 1 + random(VISITORS - 1)) % VISITORS;
    const all = Object.entries(tries(me, other));
    const [name, { asker, request, mayTell }] = all[random(all.length)]!;
    const { response } = await ask(request, { ...shared, asker });
    const words = [...response.body.matchAll(/secret-of-(\d+)-/g)].map(([, i]) => Number(i));
    const expected = mayTell === null ? [] : [mayTell];
    if (String([...new Set(words)]) !== String(expected)) {
      throw new Error(`“${name}” of ${me} against ${other} was told of ${String(words)}`);
    }
    told.set(name, (told.get(name) ?? 0) + 1);
  }
  // Each way was tried.
  if (QUESTIONS > 1_000) expect([...told.keys()].sort()).toEqual(Object.keys(tries(0, 1)).sort());
});
