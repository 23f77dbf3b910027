import type { ConversationMessage } from '../../../core/crisp/api';
import { makeFingerprint } from '../../../core/crisp/fingerprint';
import { operatorWroteAt } from '../../../core/crisp/operator';
import { createCrispPair } from '../../support/crisp';

type Pair = Awaited<ReturnType<typeof createCrispPair>>;
let pair: Pair;
beforeEach(async () => void (pair = await createCrispPair()));
afterEach(() => pair.simulator.close());

const MINUTE = 60_000;
const ago = (minutes: number) => Date.now() - minutes * MINUTE;
const look = (minutes = 30) =>
  operatorWroteAt(pair.api, pair.conversationId, { since: ago(minutes), secret: pair.key });
const write = (minutes: number) =>
  pair.simulator.operatorWrites(pair.conversationId, 'I take over', 'Ann', ago(minutes)).timestamp;
const requests = () => pair.simulator.journal.requests.length;

it('finds when an operator last wrote, by one call', async () => {
  write(20);
  const latest = write(10);
  pair.simulator.visitorWrites(pair.conversationId, 'And then?');
  expect(await look()).toBe(latest);
  expect(requests()).toBe(1);
  expect(pair.simulator.journal.violations).toEqual([]);
});

it('finds no operator where only the visitor wrote, by one call', async () => {
  expect(await look()).toBeNull();
  expect(requests()).toBe(1);
});

it('ignores an operator who wrote too long ago', async () => {
  write(31);
  expect(await look(30)).toBeNull();
  expect(await look(32)).not.toBeNull();
});

it('counts no bot, no note and no message of ours as an operator’s', async () => {
  const { api, conversationId, key, simulator } = pair;
  const message = { type: 'text' as const, content: 'Hi', automated: true };
  await api.send(conversationId, { ...message, fingerprint: 123456789012345 });
  const own = makeFingerprint('own', key);
  await api.send(conversationId, { ...message, automated: false, fingerprint: own });
  simulator.operatorNotes(conversationId, 'Looks angry');
  expect(await look()).toBeNull();
  const { timestamp } = simulator.operatorWrites(conversationId, 'Here is a person');
  expect(await look()).toBe(timestamp);
});

it('counts a file that an operator sent', async () => {
  const file = { type: 'file', from: 'operator', timestamp: ago(1), content: {}, fingerprint: 5 };
  const api = { messages: async () => [file] };
  const sought = { since: ago(30), secret: pair.key };
  expect(await operatorWroteAt(api, 'session_1', sought)).toBe(file.timestamp);
});

it('ignores an operator who resolved the conversation, until they write again', async () => {
  const { conversationId, simulator } = pair;
  write(5);
  simulator.operatorResolves(conversationId);
  expect(await look()).toBeNull();
  simulator.visitorWrites(conversationId, 'One more thing');
  expect(await look()).toBeNull();
  const { timestamp } = simulator.operatorWrites(conversationId, 'Yes?');
  expect(await look()).toBe(timestamp);
});

it('finds an operator behind pages of notes, and stops after a few pages', async () => {
  const at = write(10);
  const notes = (count: number, minutes: number) => {
    for (let i = 0; i < count; i++)
      pair.simulator.operatorNotes(pair.conversationId, `Note ${i}`, 'Ann', ago(minutes) + i);
  };
  notes(50, 5);
  expect(await look()).toBe(at);
  expect(requests()).toBe(2);
  pair.simulator.journal.clear();
  notes(250, 4);
  expect(await look()).toBeNull();
  expect(requests()).toBe(5);
});

it('does not rely on an order of the list', async () => {
  const said = (minutes: number, more: object): ConversationMessage => ({
    ...{ type: 'text', from: 'operator', content: 'Hi', fingerprint: minutes },
    timestamp: ago(minutes),
    ...more,
  });
  const resolved = { type: 'event', content: { namespace: 'state:resolved' } };
  const listed = [said(2, {}), said(9, { from: 'user' }), said(4, resolved)];
  const sought = { since: ago(30), secret: pair.key };
  const api = { messages: async () => listed };
  expect(await operatorWroteAt(api, 'session_1', sought)).toBe(listed[0]!.timestamp);
  const other = { messages: async () => [said(2, resolved), said(4, {})] };
  expect(await operatorWroteAt(other, 'session_1', sought)).toBeNull();
});
