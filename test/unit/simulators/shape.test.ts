import { documented as crisp } from '../../../simulators/crisp/documented';
import { differences, type SentRequest } from '../../../simulators/http/shape';
import { documented as intercom } from '../../../simulators/intercom/documented';

function sent(method: string, url: string, body?: unknown): SentRequest {
  const { pathname, searchParams } = new URL(url, 'http://x');
  return { method, path: pathname, query: searchParams, body };
}

const reply = '/conversations/123/reply';
const note = { message_type: 'note', type: 'admin', admin_id: '1', body: '<p>x</p>' };
const redaction = {
  type: 'conversation_part',
  conversation_id: '1',
  conversation_part_id: '2',
};

const toContact = { type: 'user', id: '6762f1f8' };
const message = {
  message_type: 'in_app',
  body: 'Hi',
  from: { type: 'admin', id: 1 },
  to: toContact,
  create_conversation_without_contact_reply: true,
};
const query = { field: 'email', operator: '=', value: 'a@example.com' };
const event = { event_name: 'stuck', created_at: 1, user_id: '70' };

describe('Intercom', () => {
  it.each<[string, string, unknown?]>([
    ['GET', '/me'],
    ['GET', '/admins'],
    ['GET', '/conversations?per_page=1'],
    ['GET', '/conversations?starting_after=215000'],
    ['GET', '/conversations/123?display_as=plaintext'],
    ['POST', reply, note],
    ['POST', reply, { ...note, message_type: 'comment' }],
    ['POST', reply, { ...note, body: undefined, message_type: 'quick_reply', reply_options: [] }],
    ['POST', '/conversations/redact', redaction],
    ['DELETE', '/conversations/123?retain_metrics=true'],
    ['GET', '/contacts/find_by_external_id/a%20b'],
    ['GET', '/contacts/6762f1f81bb69f9f00000001'],
    ['POST', '/contacts/search', { query, pagination: { per_page: 5 } }],
    ['POST', '/conversations/search', { query }],
    ['POST', '/messages', message],
    ['POST', '/messages', { ...message, to: [toContact] }],
    ['POST', '/events', event],
    ['POST', '/events', { ...event, metadata: { rule: 'ping_pong' } }],
    ['GET', '/office_hours_schedules'],
  ])('documents %s %s', (method, url, ...[body]) => {
    expect(differences(intercom, sent(method, url, body))).toEqual([]);
  });

  it.each<[string, string, unknown, string[]]>([
    ['POST', '/conversations/123/parts', note, ['nothing is documented at this address']],
    ['GET', '/conversations/abc', undefined, ['nothing is documented at this address']],
    ['GET', '/conversations?per_page=one', undefined, ['query: per_page is no integer']],
    ['GET', '/me?x=1', undefined, ['query: x is not documented']],
    ['GET', '/me', {}, ['body: there should be none']],
    ['POST', reply, undefined, ['body: is no object']],
    ['POST', reply, { ...note, admin_id: 1 }, ['body: admin_id is no string']],
    ['POST', reply, { ...note, type: 'bot' }, ['body: type is no one of admin']],
    ['POST', reply, { ...note, body: undefined }, ['body: body is missing']],
    ['POST', reply, { ...note, body: null }, ['body: body is no string']],
    ['POST', reply, { ...note, created_at: 1.5 }, ['body: created_at is no integer']],
    ['POST', reply, { ...note, idempotency_key: 'k' }, ['body: idempotency_key is not documented']],
    [
      'POST',
      '/messages',
      { ...message, reply_options: [] },
      ['body: reply_options is not documented'],
    ],
    ['POST', '/messages', { ...message, to: 'Ada' }, ['body: to is no object of type, id']],
    [
      'POST',
      '/contacts/search',
      { email: 'a@example.com' },
      ['body: query is missing', 'body: email is not documented'],
    ],
    ['POST', '/events', { ...event, created_at: '1' }, ['body: created_at is no integer']],
    ['DELETE', '/conversations/123', {}, ['body: there should be none']],
    [
      'POST',
      '/conversations/redact',
      { ...redaction, conversation_id: 1 },
      ['body: conversation_id is no string'],
    ],
  ])('documents no %s %s with %j', (method, url, body, expected) => {
    expect(differences(intercom, sent(method, url, body))).toEqual(expected);
  });
});

describe('Crisp', () => {
  const within = '/conversation/session_4b8a1d46-6e1b-4d4b-9b1e-0a1b2c3d4e5f';
  const text = { type: 'text', from: 'operator', origin: 'chat', content: 'Hi' };
  const choice = { value: 'yes', label: 'Yes', selected: false };

  it.each<[string, string, unknown?]>([
    ['GET', ''],
    ['GET', '/conversations/1'],
    ['GET', within],
    ['GET', `${within}/messages?timestamp_before=1700000000000`],
    ['POST', `${within}/message`, { ...text, fingerprint: 123456789012345, automated: true }],
    ['DELETE', `${within}/message/123456789012345`],
    ['PATCH', `${within}/compose`, { type: 'start', from: 'operator' }],
    ['HEAD', within],
    ['POST', `${within}/initiate`],
    ['POST', `${within}/initiate`, {}],
    [
      'POST',
      `${within}/message`,
      { ...text, type: 'picker', content: { id: 'o', text: 'Hi', choices: [choice] } },
    ],
    ['PATCH', `${within}/message/123456789012345`, { content: { id: 'o' } }],
    ['PATCH', `${within}/block`, { blocked: true }],
    ['GET', `${within}/block`],
    ['GET', '/visitors/list/1'],
    ['GET', '/visitors/token/0b1f4c1e-9a3d'],
    ['GET', '/availability/status'],
  ])('documents %s %s', (method, path, ...[body]) => {
    const request = { method, path: path.split('?')[0]!, body };
    const query = new URLSearchParams(path.split('?')[1] ?? '');
    expect(differences(crisp, { ...request, query })).toEqual([]);
  });

  it.each<[string, string, unknown, string[]]>([
    ['GET', '/conversation/s1', undefined, ['nothing is documented at this address']],
    ['DELETE', `${within}/message/`, undefined, ['nothing is documented at this address']],
    ['POST', `${within}/message`, { ...text, content: {} }, ['body: content is no string']],
    [
      'POST',
      `${within}/message`,
      { ...text, fingerprint: '1' },
      ['body: fingerprint is no integer'],
    ],
    ['POST', `${within}/message`, { ...text, note: true }, ['body: note is not documented']],
    ['PATCH', `${within}/compose`, { type: 'start' }, ['body: from is missing']],
    [
      'POST',
      `${within}/message`,
      {
        ...text,
        type: 'picker',
        content: { id: 'o', text: 'Hi', choices: [{ ...choice, uuid: 'u' }] },
      },
      ['body: content is no object of id, text, choices, required?'],
    ],
    ['POST', `${within}/initiate`, { force: true }, ['body: force is not documented']],
    ['GET', '/visitors/list', undefined, ['nothing is documented at this address']],
  ])('documents no %s %s with %j', (method, path, body, expected) => {
    expect(differences(crisp, { method, path, body, query: new URLSearchParams() })).toEqual(
      expected,
    );
  });
});
