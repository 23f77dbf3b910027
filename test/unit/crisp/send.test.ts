import type { NewMessage } from '../../../core/crisp/api';
import { makeFingerprint } from '../../../core/crisp/fingerprint';
import { sendOnce } from '../../../core/crisp/send';
import { OutcomeUnknownError, ServiceError } from '../../../core/http/errors';
import type { Effect } from '../../../simulators/http/faults';
import { createCrispPair } from '../../support/crisp';

type Pair = Awaited<ReturnType<typeof createCrispPair>>;
let pair: Pair;
beforeEach(async () => void (pair = await createCrispPair()));
afterEach(() => pair.simulator.close());

const SEND = { method: 'POST', path: /message$/ };
const parts = () => ({ ...pair, secret: pair.key, random: () => 0.5 });
const message = (fingerprint = 123456789012345): [string, NewMessage] => [
  pair.conversationId,
  {
    type: 'text',
    content: 'Here is how',
    fingerprint,
    automated: true,
    user: { nickname: 'Copilot', avatar: 'https://example.com/a.png' },
  },
];
const reply = (fingerprint?: number) => sendOnce(parts(), ...message(fingerprint));
const replies = () =>
  pair.simulator
    .conversation(pair.conversationId)
    .messages.filter(({ from, type }) => from === 'operator' && type === 'text');

it('sends a reply with its author, as a bot', async () => {
  expect(await reply()).toBe(123456789012345);
  expect(replies()).toMatchObject([
    {
      content: 'Here is how',
      automated: true,
      user: { type: 'participant', nickname: 'Copilot', avatar: 'https://example.com/a.png' },
    },
  ]);
  expect(pair.simulator.journal.violations).toEqual([]);
});

it.each<Effect>([
  { kind: 'reset-before' },
  { kind: 'reset-after' },
  { kind: '500-after' },
  { kind: 'hang-after' },
  { kind: 'status', status: 503 },
])('a reply reaches the visitor exactly once after $kind', async (effect) => {
  pair.simulator.faults.add({ match: SEND, times: 2, effect });
  await reply();
  expect(replies()).toHaveLength(1);
});

it('finds a message that Crisp gave another id', async () => {
  pair.simulator.faults.add({ match: SEND, effect: { kind: 'reset-after' } });
  // As Crisp would if it did not take the sender's choice.
  const { send } = pair.api;
  pair.api.send = (conversationId, { fingerprint: _, ...message }) =>
    send(conversationId, { ...message, fingerprint: 5 });
  expect(await reply()).toBe(5);
  expect(replies()).toHaveLength(1);
});

it('sends a reply although the same words were sent a moment ago', async () => {
  await reply(makeFingerprint('first', pair.key));
  pair.simulator.faults.add({ match: SEND, effect: { kind: 'reset-before' } });
  const second = makeFingerprint('second', pair.key);
  expect(await reply(second)).toBe(second);
  expect(replies()).toHaveLength(2);
});

describe('a reply that an earlier try of the step may have sent', () => {
  it.each([
    ['with', { silenceMs: 60_000, onUnknown: () => {} }],
    ['without', undefined],
  ])('is found before anything is sent, %s a check for an operator', async (_, silence) => {
    const again = () => sendOnce({ ...parts(), mayHaveLanded: true, silence }, ...message());
    await again();
    expect([await again(), replies().length]).toEqual([123456789012345, 1]);
  });

  it('is sent if Crisp does not tell whether it was sent', async () => {
    pair.simulator.faults.add({
      match: { method: 'GET' },
      times: Infinity,
      effect: { kind: 'status', status: 403 },
    });
    await sendOnce({ ...parts(), mayHaveLanded: true }, ...message());
    expect(replies()).toHaveLength(1);
  });
});

it('gives up after a few attempts, and at once after a refusal', async () => {
  pair.simulator.faults.add({ match: SEND, times: Infinity, effect: { kind: 'reset-before' } });
  await expect(reply()).rejects.toThrow(OutcomeUnknownError);
  pair.simulator.faults.clear();
  pair.simulator.journal.clear();
  pair.simulator.faults.add({ match: SEND, effect: { kind: 'status', status: 403 } });
  await expect(reply()).rejects.toThrow(ServiceError);
  expect(pair.simulator.journal.requests).toHaveLength(1);
});

describe.each(['plugin', 'website'] as const)('with a token of the tier %s', (tier) => {
  it('reads the visitor’s identity, and shows the typing indicator', async () => {
    await pair.simulator.close();
    pair = await createCrispPair({ tier });
    expect(await pair.api.visitor(pair.conversationId)).toMatchObject({
      nickname: 'Ada',
      data: { posthog_session_id: 's1', posthog_distinct_id: 70 },
    });
    await pair.api.compose(pair.conversationId, 'start');
    expect(pair.simulator.conversation(pair.conversationId).compose.operator).toBeDefined();
    expect(await pair.api.verification(pair.conversationId)).toMatchObject({ isVerified: false });
  });
});

it.each([429, 420, 503])(
  'does not show the typing indicator late: a %d ends the attempt',
  async (status) => {
    const compose = { match: { path: /compose$/ }, times: Infinity };
    pair.simulator.faults.add({ ...compose, effect: { kind: 'status', status, retryAfter: 30 } });
    await expect(pair.api.compose(pair.conversationId, 'start')).rejects.toThrow();
    expect(pair.simulator.journal.requests).toHaveLength(1);
  },
);

it('ends the typing indicator although Crisp asks to slow down', async () => {
  await pair.api.compose(pair.conversationId, 'start');
  const match = { path: /compose$/ };
  pair.simulator.faults.add({ match, times: 2, effect: { kind: 'status', status: 429 } });
  await pair.api.compose(pair.conversationId, 'stop');
  expect(pair.simulator.conversation(pair.conversationId).compose.operator).toBeUndefined();
});

it('reads an email address and whether it is verified by one call', async () => {
  const visitor = { email: 'ada@example.com', verified: true };
  const { session_id } = pair.simulator.visitorOpens(visitor);
  expect(await pair.api.verification(session_id)).toMatchObject({
    visitor: { email: 'ada@example.com', data: {}, segments: [] },
    isVerified: true,
  });
  expect(pair.simulator.journal.requests).toHaveLength(1);
});
