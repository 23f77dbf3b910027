import { createCrispSimulator } from '../../../simulators/crisp';
import { watchAnswers } from '../../../simulators/inbox';
import type { ModelRequest } from '../../../simulators/model';
import { manualClock } from './support';

const SYSTEM = 'You are the support assistant.';
const action = (what: string) => `click: User clicked ${what} — https://app.example/export`;
const listed = (session: string, ...what: string[]) =>
  [
    `Session ${session} — ${what.length} actions`,
    ...what.map((w, i) => `[${i}] ${action(w)}`),
  ].join('\n');

let clock: ReturnType<typeof manualClock>;
let crisp: ReturnType<typeof createCrispSimulator>;
let requests: ModelRequest[];
let calls: ReturnType<typeof watchAnswers>;

beforeEach(() => {
  clock = manualClock();
  crisp = createCrispSimulator({ websiteId: 'w', tokens: [], clock });
  requests = [];
  calls = watchAnswers(crisp, { requests });
});
afterEach(() => calls.stop());

/** A visitor who has just written; the session's id is what the site's snippet says. */
const visitor = (session: string, text: string) => {
  const { session_id } = crisp.visitorOpens({ data: { posthog_session_id: session } });
  crisp.visitorWrites(session_id, text);
  clock.advance(100);
  return session_id;
};
/** The model is asked as the shipped workflow does, and answers. */
const ask = (question: string, activity: string, answer: string | null): ModelRequest => {
  const text = `## Current User Activity\n<activity>\n${activity}\n</activity>\n\n## Visitor's Message\n<message>\n${question}\n</message>`;
  return asks(text, answer);
};
const asks = (text: string, answer: string | null): ModelRequest => {
  const messages = [
    { role: 'system', text: SYSTEM },
    { role: 'user', text },
  ];
  const asked: ModelRequest = {
    at: clock.now(),
    path: '/v1/chat/completions',
    model: 'gpt-4o-mini',
    body: {},
    prompt: { messages, tools: [], toolChoice: 'auto' },
    answer,
    usage: null,
  };
  requests.push(asked);
  clock.advance(100);
  return asked;
};
const reply = (conversation: string, text: string) =>
  calls.of(conversation, crisp.operatorWrites(conversation, text).fingerprint);

describe('the call behind an answer', () => {
  it('contains the activity in the prompt, and the whole prompt', () => {
    const conversation = visitor('s1', 'Why does this not work?');
    const activity = `They looked at the prices.\n\n${listed('s1', 'Export button', 'Try again')}`;
    const { at, prompt } = ask('Why does this not work?', activity, 'You just tried to export.');
    expect(reply(conversation, 'You just tried to export.')).toEqual({
      at,
      activity,
      messages: prompt.messages,
    });
  });

  it('is undefined for a message that a person wrote', () => {
    const conversation = visitor('s1', 'Hello?');
    ask('Hello?', '(nothing recorded)', 'How can I help?');
    expect(reply(conversation, 'I will look into it')).toBeUndefined();
  });

  it('is undefined where another visitor asked the question', () => {
    ask('Something else', listed('s1', 'Export'), 'How can I help?');
    expect(reply(visitor('s1', 'Hello?'), 'How can I help?')).toBeUndefined();
  });

  it('was made after the question, and belongs to one answer only', () => {
    ask('Hello?', listed('s1', 'Early'), 'How can I help?');
    const conversation = visitor('s1', 'Hello?');
    expect(reply(conversation, 'How can I help?')).toBeUndefined();
    ask('Hello?', listed('s1', 'Later'), 'How can I help?');
    expect(reply(conversation, 'How can I help?')?.activity).toBe(listed('s1', 'Later'));
    expect(reply(conversation, 'How can I help?')).toBeUndefined();
  });

  it('is the one with the visitor’s own session when two visitors ask the same and get the same answer', () => {
    const [first, second] = [visitor('s1', 'Hello?'), visitor('s2', 'Hello?')];
    ask('Hello?', listed('s1', 'One'), 'How can I help?');
    ask('Hello?', listed('s2', 'Two'), 'How can I help?');
    expect(reply(second, 'How can I help?')?.activity).toBe(listed('s2', 'Two'));
    expect(reply(first, 'How can I help?')?.activity).toBe(listed('s1', 'One'));
  });

  it('is undefined when two different calls fit', () => {
    const conversation = visitor('s1', 'Hello?');
    ask('Hello?', 'They looked at the prices.', 'How can I help?');
    ask('Hello?', 'They looked at the export.', 'How can I help?');
    expect(reply(conversation, 'How can I help?')).toBeUndefined();
  });

  it('is the latest of several calls with the same prompt', () => {
    const conversation = visitor('s1', 'Hello?');
    for (const _ of [1, 2]) ask('Hello?', '(nothing recorded)', 'How can I help?');
    expect(reply(conversation, 'How can I help?')?.activity).toBe('(nothing recorded)');
  });

  it('is found although spaces, brackets and invisible characters changed on the way', () => {
    const long = `Is <b> a tag?\u200b ${'x'.repeat(5_000)}`;
    const conversation = visitor('s1', long);
    const asked = long.slice(0, 4_000).replaceAll('<', '‹').replaceAll('>', '›');
    ask(asked, '', 'It is [one](https://a.example)\n');
    expect(reply(conversation, 'It is [one] (https://a.example)')?.activity).toBe('');
  });

  it('has no activity when the prompt has no part for it', () => {
    const conversation = visitor('s1', 'Hello?');
    asks('Answer kindly: Hello?', 'How can I help?');
    expect(reply(conversation, 'How can I help?')).toMatchObject({ activity: null });
  });

  it('is undefined for a call that failed', () => {
    const conversation = visitor('s1', 'Hello?');
    ask('Hello?', listed('s1', 'One'), null);
    expect(reply(conversation, 'Sorry, I cannot answer right now.')).toBeUndefined();
  });

  it('is known after a restart', () => {
    const conversation = visitor('s1', 'Hello?');
    ask('Hello?', listed('s1', 'One'), 'How can I help?');
    const { fingerprint } = crisp.operatorWrites(conversation, 'How can I help?');
    const later = watchAnswers(crisp, { requests: [] });
    later.restore(JSON.parse(JSON.stringify(calls.snapshot())));
    expect(later.of(conversation, fingerprint)).toEqual(calls.of(conversation, fingerprint));
    expect(later.of(conversation, fingerprint)).toBeDefined();
  });
});
