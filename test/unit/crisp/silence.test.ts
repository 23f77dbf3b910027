import { OperatorWroteError, sendOnce } from '../../../core/crisp/send';
import { createCrispPair } from '../../support/crisp';

type Pair = Awaited<ReturnType<typeof createCrispPair>>;
let pair: Pair;
let unknown: unknown[];
beforeEach(async () => {
  pair = await createCrispPair();
  unknown = [];
});
afterEach(() => pair.simulator.close());

const SEND = { method: 'POST', path: /message$/ };
const LIST = { method: 'GET', path: /messages$/ };
const FINGERPRINT = 123456789012345;
const reply = () => {
  const { api, clock, key: secret, conversationId } = pair;
  const onUnknown = (error: unknown) => unknown.push(error);
  const silence = { silenceMs: 30 * 60_000, onUnknown };
  const message = { type: 'text' as const, content: 'Hi', fingerprint: FINGERPRINT };
  return sendOnce({ api, clock, secret, random: () => 0.5, silence }, conversationId, {
    ...message,
    automated: true,
  });
};
const takeOver = () => pair.simulator.operatorWrites(pair.conversationId, 'I take over');
const replies = () =>
  pair.simulator
    .conversation(pair.conversationId)
    .messages.filter(({ automated, type }) => automated && type === 'text');
const calls = () => pair.simulator.journal.requests.map(({ method }) => method);

it('sends where only the visitor wrote, after one look', async () => {
  expect(await reply()).toBe(FINGERPRINT);
  expect(calls()).toEqual(['GET', 'POST']);
});

it('sends nothing where an operator has written', async () => {
  const { timestamp } = takeOver();
  await expect(reply()).rejects.toMatchObject({ name: 'OperatorWroteError', at: timestamp });
  expect(calls()).toEqual(['GET']);
  expect(replies()).toEqual([]);
});

it('looks once per attempt, for the message that may have landed and for an operator', async () => {
  pair.simulator.faults.add({ match: SEND, effect: { kind: 'reset-before' } });
  const messages = jest.spyOn(pair.api, 'messages');
  expect(await reply()).toBe(FINGERPRINT);
  const latestPages = messages.mock.calls.filter(([, before]) => before === undefined);
  expect(latestPages).toHaveLength(2);
  expect(replies()).toHaveLength(1);
});

it('counts a message that landed as sent, although an operator wrote after it', async () => {
  pair.simulator.faults.add({ match: SEND, effect: { kind: 'reset-after' } });
  const stop = pair.simulator.onChange(({ kind }) => {
    stop();
    if (kind === 'message') takeOver();
  });
  expect(await reply()).toBe(FINGERPRINT);
  expect(replies()).toHaveLength(1);
});

it('notices an operator who wrote while the message waited for its turn', async () => {
  const { api } = pair;
  const { sendIfWanted } = api;
  const retryAfter = 30;
  pair.simulator.faults.add({ match: SEND, effect: { kind: 'status', status: 429, retryAfter } });
  let sends = 0;
  pair.api = {
    ...api,
    async sendIfWanted(...given) {
      sends += 1;
      const sent = sendIfWanted(...given);
      if (sends === 1) takeOver();
      return await sent;
    },
  };
  await expect(reply()).rejects.toThrow(OperatorWroteError);
  expect(replies()).toEqual([]);
});

it('gives up after eight looks when Crisp asks it to wait again and again', async () => {
  pair.simulator.faults.add({
    match: SEND,
    times: Infinity,
    effect: { kind: 'status', status: 429, retryAfter: 30 },
  });
  await expect(reply()).rejects.toMatchObject({ status: 429 });
  expect(calls().filter((method) => method === 'GET')).toHaveLength(8);
});

it('sends where Crisp does not tell who wrote, and reports that', async () => {
  const effect = { kind: 'status' as const, status: 500 };
  pair.simulator.faults.add({ match: LIST, times: Infinity, effect });
  expect(await reply()).toBe(FINGERPRINT);
  expect(unknown).toHaveLength(1);
});
