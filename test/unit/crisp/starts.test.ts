import { makeFingerprint } from '../../../core/crisp/fingerprint';
import { startsWorkflow, type Wanted } from '../../../core/crisp/webhook';
import { readCrispEvent } from '../../../core/crisp/webhook';

const own = makeFingerprint('reply', 'key');
const message = {
  type: 'text',
  content: 'Hey',
  from: 'user',
  fingerprint: 150698569649423,
  timestamp: 1,
};
const choices = [{ value: 'a', label: 'A', selected: true }];
const picked = { fingerprint: own, content: { id: 'p', text: 'Which?', choices } };

const asked = {
  ...{ ...message, type: 'picker', from: 'operator' },
  content: { ...picked.content, choices: [{ value: 'a', label: 'A', selected: false }] },
};
const field = { id: 'f', text: 'Your name?', explain: 'Full name', value: 'Ada' };

const starts = (event: string, data: object, wanted: Partial<Wanted> = {}) => {
  const ids = { website_id: 'w', session_id: 'session_1' };
  const read = readCrispEvent({ website_id: 'w', event, data: { ...ids, ...data }, timestamp: 2 });
  const types = ['text', 'picker', 'note'];
  const usual = { events: [event], messageTypes: types, websiteId: 'w', tokenKey: 'key' };
  return startsWorkflow(read!, { ...usual, ...wanted });
};

it.each([
  ['a visitor’s message', 'message:send', message],
  ['one of the chatbox, said in so many words', 'message:send', { ...message, origin: 'chat' }],
  ['a person’s answer', 'message:received', { ...message, from: 'operator' }],
  ['one by email', 'message:received', { ...message, from: 'operator', origin: 'email' }],
  ['a choice, also in a message of ours', 'message:updated', picked],
  ['what is no message', 'session:set_state', { state: 'resolved' }],
  ['a person’s question with choices', 'message:received', asked],
])('a workflow starts for %s', (_, event, data) => {
  expect(starts(event, data)).toBe(true);
});

it.each([
  ['an operator’s message in a visitor’s event', 'message:send', { ...message, from: 'operator' }],
  ['an email', 'message:send', { ...message, origin: 'email' }],
  ['another messenger', 'message:send', { ...message, origin: 'urn:crisp.im:whatsapp:0' }],
  ['a bot’s message', 'message:received', { ...message, automated: true }],
  ['an unmarked message of ours', 'message:received', { ...message, fingerprint: own }],
  ['a note of ours', 'message:received', { ...message, type: 'note', fingerprint: own }],
  ['another type', 'message:send', { ...message, type: 'file', content: {} }],
  ['a message without words', 'message:send', { ...message, content: ' \n\u200b\u00a0' }],
  [
    'an empty note',
    'message:received',
    { ...message, type: 'note', from: 'operator', content: '' },
  ],
  ['choices of which none is taken', 'message:updated', { ...picked, content: asked.content }],
  ['an empty answer', 'message:updated', { fingerprint: 5, content: { ...field, value: ' ' } }],
  ['words that an operator edited', 'message:updated', { fingerprint: 5, content: 'Hello' }],
])('a workflow does not start for %s', (_, event, data) => {
  expect(starts(event, data)).toBe(false);
});

it('a workflow starts only for the chosen events, types and website', () => {
  expect(starts('message:send', message, { events: ['message:updated'] })).toBe(false);
  expect(starts('message:updated', picked, { messageTypes: ['field'] })).toBe(false);
  expect(starts('message:send', message, { websiteId: 'v' })).toBe(false);
});

// What the panel has before anybody chooses types.
it.each([[['text']], [[]], [['text', 'note']]])(
  'starts for every answer where the types %j name none that can be answered',
  (messageTypes) => {
    expect(starts('message:updated', picked, { messageTypes })).toBe(true);
    const filledIn = { fingerprint: 5, content: field };
    expect(starts('message:updated', filledIn, { messageTypes })).toBe(true);
    expect(starts('message:received', asked, { messageTypes })).toBe(false);
  },
);
