import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { KINDS } from '../../fixtures/intercom/notifications';
import { isFromIntercom, readIntercomEvent } from '../../../core/intercom/webhook';

const secret = 'client secret';
const raw = Buffer.from('{"id": "notif_1",  "ü": 1}');
const sign = (algorithm: string, body = raw, key = secret) =>
  `${algorithm}=${createHmac(algorithm, key).update(body).digest('hex')}`;

describe('Intercom’s signature', () => {
  it.each([
    ['sha1', { 'x-hub-signature': sign('sha1') }],
    ['sha256', { 'x-hub-signature-256': sign('sha256') }],
    ['both', { 'x-hub-signature': sign('sha1'), 'x-hub-signature-256': sign('sha256') }],
  ])('is accepted as %s over the raw body', (_, headers) => {
    expect(isFromIntercom(headers, raw, secret)).toBe(true);
  });

  it.each([
    ['is missing', {}],
    ['belongs to another body', { 'x-hub-signature': sign('sha1', Buffer.from('{}')) }],
    ['is made with another secret', { 'x-hub-signature': sign('sha1', raw, 'other') }],
    ['is of another algorithm', { 'x-hub-signature': sign('sha256') }],
    ['is not ASCII', { 'x-hub-signature': `sha1=${'ü'.repeat(40)}` }],
    ['comes twice', { 'x-hub-signature': [sign('sha1'), sign('sha1')] }],
    [
      'is wrong where both are present',
      { 'x-hub-signature': sign('sha1'), 'x-hub-signature-256': 'sha256=00' },
    ],
  ])('is refused when it %s', (_, headers) => {
    expect(isFromIntercom(headers, raw, secret)).toBe(false);
  });

  it('is refused without a configured secret, even if it was made with none', () => {
    expect(isFromIntercom({ 'x-hub-signature': sign('sha1', raw, '') }, raw, '')).toBe(false);
  });

  it('is refused without a body', () => {
    expect(isFromIntercom({ 'x-hub-signature': sign('sha1') }, undefined, secret)).toBe(false);
  });
});

describe('each kind of conversation that Intercom documents', () => {
  it.each(KINDS)('$kind', ({ notification, reads }) => {
    expect(readIntercomEvent(notification)).toEqual({
      notificationId: notification.id,
      topic: notification.topic,
      event: 'message',
      conversation_id: '21500001',
      ...reads,
    });
  });

  it('never takes a teammate for the visitor', () => {
    for (const { notification } of KINDS) {
      const read = JSON.stringify(readIntercomEvent(notification));
      for (const theirs of ['Agent', 'Operator', 'Fin"', 'acme', 'intercom.io', 'Need a hand']) {
        expect(read).not.toContain(theirs);
      }
    }
  });
});

describe('reading a notification', () => {
  const notification = (topic: string, item: unknown) => ({ id: 'notif_1', topic, data: { item } });
  const source = {
    body: '<p>Hi</p>',
    author: { type: 'user', id: 'x', name: 'Ada', email: 'ada@example.com' },
  };
  const contacts = { contacts: [{ id: 'x', external_id: '70' }] };

  it('gives the first message of a new conversation', () => {
    const item = { id: 123, source, contacts };
    expect(readIntercomEvent(notification('conversation.user.created', item))).toEqual({
      notificationId: 'notif_1',
      topic: 'conversation.user.created',
      event: 'message',
      conversation_id: '123',
      user_id: '70',
      email: 'ada@example.com',
      contact_id: 'x',
      name: 'Ada',
      text: '<p>Hi</p>',
    });
  });

  it('gives the visitor’s latest part of a reply, not an admin’s later one', () => {
    const parts = [
      { part_type: 'comment', body: 'first', author: { type: 'user', email: 'old@example.com' } },
      { part_type: 'open', body: 'second', author: { type: 'user', email: 'new@example.com' } },
      { part_type: 'comment', body: 'ours', author: { type: 'admin', email: 'us@example.com' } },
    ];
    const item = { id: '1', source, contacts, conversation_parts: { conversation_parts: parts } };
    expect(readIntercomEvent(notification('conversation.user.replied', item))).toMatchObject({
      email: 'new@example.com',
      text: 'second',
    });
  });

  it.each([
    ['replied', 'message'],
    ['closed', 'closed'],
    ['snoozed', 'closed'],
    ['opened', 'message'],
    ['unsnoozed', 'message'],
  ])(
    'reads that a teammate %s, for the visitor, without what the visitor wrote before',
    (did, event) => {
      const parts = [
        { part_type: 'comment', body: 'first', author: { type: 'user', id: 'x' }, created_at: 1 },
        { part_type: 'close', body: null, author: { type: 'admin', id: '9' }, created_at: 2 },
      ];
      const item = { id: '1', source, contacts, conversation_parts: { conversation_parts: parts } };
      expect(readIntercomEvent(notification(`conversation.admin.${did}`, item))).toMatchObject({
        ...{ event, conversation_id: '1', user_id: '70', text: '' },
      });
    },
  );

  it('reads notifications of old API versions', () => {
    const item = { id: '1', user: { id: 'x', user_id: '70', email: 'ada@example.com' } };
    expect(readIntercomEvent(notification('conversation.user.created', item))).toMatchObject({
      user_id: '70',
      email: 'ada@example.com',
    });
  });

  it.each(['ticket.created', 'conversation_part.tag.created', 'contact.user.created'])(
    'passes over %s, which is about no conversation',
    (topic) => {
      expect(readIntercomEvent(notification(topic, { id: '1', source, contacts }))).toBeUndefined();
    },
  );

  it('ignores a ping', () => {
    expect(readIntercomEvent(notification('ping', { type: 'ping' }))).toBeUndefined();
  });

  it('reads any JSON without an error', () => {
    fc.assert(fc.property(fc.anything(), (body) => void readIntercomEvent(body)));
  });
});

describe('an option that a visitor has tapped', () => {
  const UUID = '0b1f4c1e-9a3d-4c1b-8f2e-6d7a1c2e3f40';
  const tap = (metadata: unknown, fields: object = {}) => ({
    type: 'notification_event',
    ...{ topic: 'conversation.user.replied', id: 'notif_1' },
    data: {
      item: {
        ...{ type: 'conversation', id: '613' },
        source: { author: { type: 'admin', id: '1' }, body: '<p>Comparing plans?</p>' },
        contacts: { contacts: [{ type: 'contact', id: '6762', external_id: 'u_42' }] },
        conversation_parts: {
          conversation_parts: [
            {
              ...{ id: '134', part_type: 'comment', body: '<p>Yes &amp; please</p>' },
              ...{ author: { type: 'user', id: '6762' }, created_at: 2, metadata },
            },
          ],
        },
        ...fields,
      },
    },
  });

  it.each(['quick_reply_option_uuid', 'quick_reply_uuid'])('is known by %s', (name) => {
    expect(readIntercomEvent(tap({ [name]: UUID }))).toMatchObject({
      ...{ conversation_id: '613', user_id: 'u_42', text: '<p>Yes &amp; please</p>' },
      choice: { value: UUID, label: 'Yes & please' },
    });
  });

  it('is known where the answer opens the conversation', () => {
    const notification = { ...tap({ quick_reply_uuid: UUID }), topic: 'conversation.user.created' };
    expect(readIntercomEvent(notification)?.choice?.value).toBe(UUID);
  });

  it.each([undefined, null, {}, { quick_reply_uuid: null }, { quick_reply_option_uuid: {} }])(
    'is none with the metadata %j',
    (metadata) => {
      expect(readIntercomEvent(tap(metadata))).not.toHaveProperty('choice');
    },
  );
});
