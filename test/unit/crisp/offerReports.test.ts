import type { EventsMessageAcknowledge, EventsMessageUpdated } from 'crisp-api';
import { makeFingerprint } from '../../../core/crisp/fingerprint';
import {
  eventKey,
  OFFER_EVENTS,
  offerReports,
  readCrispEvent,
  reportKey,
} from '../../../core/crisp/webhook';

// Payloads are those that Crisp's own client types.

const own = makeFingerprint('offer_7f3a', 'key');
const ids = { website_id: 'w', session_id: 'session_1', inbox_id: null } as unknown as {
  website_id: string;
  session_id: string;
};
const choices = (...selected: boolean[]) =>
  selected.map((one, i) => ({ value: `v${i}`, label: `Label ${i}`, selected: one }));
const updated = (fields: Partial<EventsMessageUpdated> = {}): EventsMessageUpdated =>
  ({
    ...ids,
    fingerprint: own,
    content: { id: 'offer_7f3a', text: 'Comparing plans?', choices: choices(true, false) },
    ...fields,
  }) as EventsMessageUpdated;
const read = (...fingerprints: number[]): EventsMessageAcknowledge =>
  ({ ...ids, origin: 'chat', fingerprints }) as EventsMessageAcknowledge;

const eventOf = (event: string, data: object) =>
  readCrispEvent({ website_id: 'w', event, timestamp: 1_767_225_600_000, data })!;
const both = Object.values(OFFER_EVENTS);
const reports = (event: string, data: object, events: readonly string[] = both) =>
  offerReports(eventOf(event, data), {
    ...{ events, messageTypes: ['text'], websiteId: 'w', tokenKey: 'key' },
  });

it('reports the choice that a visitor has tapped, and in which message', () => {
  expect(reports('message:updated', updated())).toEqual([
    { offer_message_id: String(own), choice: { value: 'v0', label: 'Label 0' } },
  ]);
});

it.each(['read:send', 'read:received', 'read'])(
  'reports each message of ours that was read, by %s',
  (how) => {
    const other = makeFingerprint('another', 'key');
    expect(reports(`message:acknowledge:${how}`, read(own, 5, other))).toEqual([
      { offer_message_id: String(own), seen: true },
      { offer_message_id: String(other), seen: true },
    ]);
  },
);

const content = updated().content as { choices: object[] };
it.each<[string, string, object, readonly string[]]>([
  ['an operator’s picker', 'message:updated', updated({ fingerprint: 5 }), both],
  ['a message that an operator edited', 'message:updated', updated({ content: 'Hello' }), both],
  [
    'a picker without a choice',
    'message:updated',
    updated({ content: { ...content, choices: choices(false, false) } }),
    both,
  ],
  [
    'one with two',
    'message:updated',
    updated({ content: { ...content, choices: choices(true, true) } }),
    both,
  ],
  ['nobody waiting for answers', 'message:updated', updated(), [OFFER_EVENTS.seen]],
  ['nobody waiting for reading', 'message:acknowledge:read:send', read(own), ['message:updated']],
  ['messages that were only delivered', 'message:acknowledge:delivered', read(own), both],
  ['a new message', 'message:received', updated(), both],
  ['messages of others', 'message:acknowledge:read:send', read(1, 2), both],
  ['no list at all', 'message:acknowledge:read:send', { ...ids, fingerprints: 'all' }, both],
])('reports nothing of %s', (_, event, data, events) => {
  expect(reports(event, data, events)).toEqual([]);
});

it('reports nothing of another website', () => {
  const event = readCrispEvent({
    ...{ website_id: 'other', event: 'message:updated', timestamp: 1 },
    data: { ...updated(), website_id: 'other' },
  })!;
  const wanted = { events: both, messageTypes: [], websiteId: 'w', tokenKey: 'key' };
  expect(offerReports(event, wanted)).toEqual([]);
});

it('knows the same choice again, however often and whenever it is reported', () => {
  const keyOf = (data: object, timestamp: number) => {
    const event = readCrispEvent({ website_id: 'w', event: 'message:updated', timestamp, data })!;
    return reportKey(event, reports('message:updated', data));
  };
  const first = keyOf(updated(), 1);
  expect(keyOf(updated(), 2)).toBe(first);
  const other = updated({ content: { ...content, choices: choices(false, true) } });
  expect(keyOf(other, 1)).not.toBe(first);
  expect(eventKey(eventOf('message:updated', updated()))).not.toBe(first);
});
