import fc from 'fast-check';
import { liveActivityUrl } from '../../../core/backfill/liveActivity';
import { plainText } from '../../../core/crisp/send';
import { isFromCrisp, startsWorkflow, type CrispEvent } from '../../../core/crisp/webhook';
import { isClaim } from '../../../core/delivery/handOut';
import { ServiceError } from '../../../core/http/errors';
import { isSendable } from '../../../core/http/secrets';
import { isNobody, personIdOrNull, sessionName } from '../../../core/identity';
import { refusalIn } from '../../../core/manners/refusals';
import { visitorAfter } from '../../../core/memory/visitor';
import { pageKey } from '../../../core/payload/pageKey';
import { withoutQueries } from '../../../core/payload/urls';
import { ownsConversation } from '../../../core/products';
import { isFromConnector } from '../../../core/push/push';
import { classifyResponse } from '../../../core/stream/connect';
import { errorIn } from '../../../core/summary/modelErrors';
import { renderPrompt } from '../../../core/summary/prompt';
import { refusedBy } from '../../../core/summary/refusals';
import { answerText } from '../../../core/text/answer';
import { htmlWords, textToHtml } from '../../../core/text/html';
import { withoutReasoning } from '../../../core/text/reasoning';
import { visible, oneLine } from '../../../core/text/visible';
import { action, batch } from '../../support/batches';
import { cpuMsOf } from '../../support/cpuTime';
import { must, type Target } from '../target';
import { agentReaders } from './agents';
import { posthogEventReaders } from './posthogEvents';
import { posthogRestReaders } from './posthogRest';

/** What reads a text with regular expressions. */
interface Reader {
  /** The file whose expressions these are. */
  file: string;
  /** What the expressions are made of, and what almost fits them. */
  pieces: string[];
  read: (text: string) => unknown;
}

const bare = (fields: Parameters<typeof action>[0]) =>
  withoutQueries({ ...batch('s', []), actions: [action(fields)] });

const refusal = (text: string) =>
  refusedBy(new ServiceError('A server', 400, text, text), ['temperature', 'max_tokens']);

const WANTED = { events: ['message:send'], messageTypes: ['text'], websiteId: 'w', tokenKey: 'k' };
const message: CrispEvent = {
  event: 'message:send',
  website_id: 'w',
  conversation_id: 'session_1',
  text: '',
  message_type: 'text',
  from: 'user',
  fingerprint: null,
  automated: false,
  name: null,
  timestamp: null,
  data: {},
};
const VISITOR = { user_id: null, email: 'a@b.c', stream_conversation_id: null };

export const readers: Reader[] = [
  {
    file: 'core/backfill/liveActivity.ts',
    pieces: ['https://c.example', '/stream/', '/stream', '/', 'shop', '%2F'],
    read: (text) => liveActivityUrl(text, text),
  },
  {
    file: 'core/payload/urls.ts',
    pieces: [
      '"/',
      '/',
      'a',
      '://',
      'https://',
      'a.',
      '?',
      '#',
      '=',
      '&',
      '&a=',
      '&amp;',
      '@',
      ':',
      ' ',
      '%',
      '"',
    ],
    read: (text) => bare({ title: `${text}?@&`, description: text }),
  },
  {
    file: 'core/payload/urls.ts',
    pieces: ['/', '//', 'a', 'a:', '@', '?', '#', '+', '.', '\n'],
    read: (text) => bare({ raw_url: text, canonical_url: `a:${text}` }),
  },
  {
    file: 'core/payload/pageKey.ts',
    pieces: ['/', '//', 'a', '1', 'f', '0123456789ab', '@', '%40', '#/', '#!/', '?', ':', '-'],
    read: (text) => pageKey(action({ raw_url: text })),
  },
  {
    file: 'core/manners/refusals.ts',
    pieces: ['no', 'stop', ' ', ',', '!', "'", '’', '🙏', 'ö', 'o\u0308', '.'],
    read: refusalIn,
  },
  {
    file: 'core/text/html.ts',
    pieces: [
      '<',
      '>',
      '<a',
      '</',
      '<!--',
      '&',
      '&#',
      '&#x',
      '&hellip',
      ';',
      '&amp;',
      ' ',
      '\u00a0',
      '\n',
      '"',
    ],
    read: htmlWords,
  },
  { file: 'core/text/html.ts', pieces: ['\n', '\r', '\r\n', '&', '<', 'a', ' '], read: textToHtml },
  {
    file: 'core/text/visible.ts',
    pieces: [
      '\r',
      '\n',
      ' ',
      '\u0085',
      '\u200d',
      '\u200b',
      'a',
      '\ufe0f',
      '\u{e0067}',
      '\u{e007f}',
      '\u{e0101}',
      '漢',
      '🏴',
      '👩',
    ],
    read: (text) => [visible(text), oneLine(text)],
  },
  {
    file: 'core/text/reasoning.ts',
    pieces: [
      '<think>',
      '</think>',
      '<think ',
      '<',
      '>',
      '[THINK]',
      '[/THINK]',
      '◁think▷',
      '◁/think▷',
      '<unused94>thought',
      '<|channel>thought',
      '<details type="reasoning"',
      '</details>',
      '<|channel|>',
      '<|channel|>final',
      '<|constrain|>',
      '<|message|>',
      'analysisA',
      'assistantfinal',
      '<answer>',
      '</answer>',
      '<|return|>',
      ' ',
      '\ufeff',
      '`',
      'a',
    ],
    read: (text) => [withoutReasoning(text), answerText([{ type: 'text', text }])],
  },
  { file: 'core/crisp/send.ts', pieces: [']', '[', '](', ']:', '(', '\n'], read: plainText },
  { file: 'core/identity.ts', pieces: ['user:', 'email:', 'u'], read: sessionName },
  {
    file: 'core/delivery/handOut.ts',
    pieces: ['1', '123456789012345', ' ', 'first', 'again', ' first ', '\n'],
    read: isClaim,
  },
  {
    file: 'core/intercom/product.ts',
    pieces: ['1', '12', ' ', 'a', '\n'],
    read: (text) => ownsConversation('intercom', text),
  },
  {
    file: 'core/crisp/product.ts',
    pieces: ['session_', 'session', '_', 'a', '\n'],
    read: (text) => ownsConversation('crisp', text),
  },
  {
    file: 'core/crisp/webhook.ts',
    pieces: [' ', '\u00ad', '\u200b', '\0', 'a'],
    read: (text) => startsWorkflow({ ...message, text }, WANTED),
  },
  {
    file: 'core/crisp/webhook.ts',
    pieces: ['?', '&', 'key=', '&key=', '%', '\n', 'a'],
    read: (url) =>
      isFromCrisp({ headers: {}, query: {}, url, rawBody: Buffer.from('{}') }, 'a secret', 0),
  },
  {
    file: 'core/memory/visitor.ts',
    pieces: ['anon', '$device:', 'a1b2c3d4', '-', 'f', '\n'],
    read: (id) => visitorAfter({ ...VISITOR, user_id: id }, { user_id: `${id}x`, email: 'a@b.c' }),
  },
  {
    file: 'core/identity.ts',
    pieces: ['0', '-', '1', ' ', '"', '{{', '}}'],
    read: (text) => [isNobody(text), personIdOrNull(text)],
  },
  { file: 'core/http/secrets.ts', pieces: ['!', '~', 'a', ' ', '\n'], read: isSendable },
  {
    file: 'core/push/push.ts',
    pieces: ['bearer ', 'bearer', ' ', 'a', '\n'],
    read: (authorization) => isFromConnector({ authorization }, Buffer.from('{}'), 'a secret'),
  },
  {
    file: 'core/stream/connect.ts',
    pieces: ['text/event-stream', ' ', ';', 'text/', '\t', 'a'],
    read: (type) =>
      classifyResponse(
        { status: 200, headers: new Headers({ 'content-type': type }) },
        'https://a.example',
        0,
      ),
  },
  {
    file: 'core/summary/refusals.ts',
    pieces: [
      'only ',
      'supported',
      'allowed',
      'temperature',
      'max_tokens',
      '_',
      'too ',
      'too_',
      '.',
      'a',
      'n',
      't support',
    ],
    read: refusal,
  },
  {
    file: 'core/summary/modelErrors.ts',
    pieces: ['<', 'a', ' ', '\n', '{"error":', '\\'],
    read: (body) => errorIn({ status: 400, headers: new Headers(), body: { error: body } }, 0),
  },
  {
    file: 'core/summary/prompt.ts',
    pieces: ['{actions}', '{previous_summary}', '{', '}', '<', 'a'],
    read: (text) => renderPrompt(`${text}{actions}`, [action({ description: text })], text),
  },
  ...agentReaders,
  ...posthogRestReaders,
  ...posthogEventReaders,
];

/** Long enough that what takes time by the square of it takes seconds. */
const LENGTH = 60_000;
/** What is linear takes a fraction of this, also on a machine that is busy. */
const MOST_MS = 1_500;

/** One or more pieces in a row, to be repeated, and what comes before and after. */
const sequence = (pieces: readonly string[]) => {
  const piece = fc.constantFrom(...pieces);
  const around = fc.array(piece, { maxLength: 2 });
  return fc.tuple(around, fc.array(piece, { minLength: 1, maxLength: 4 }), around);
};

export const patternTargets: Target[] = readers.map(({ file, pieces, read }, i) => ({
  name: `patterns: a long text made for it does not hold up ${file} (${i + 1})`,
  share: 1,
  property: fc.property(sequence(pieces), ([before, repeated, after]) => {
    const unit = repeated.join('');
    const text = before.join('') + unit.repeat(LENGTH / unit.length) + after.join('');
    const took = cpuMsOf(() => read(text));
    must(took < MOST_MS, `it took ${Math.round(took)} ms`, [before, repeated, after]);
  }),
}));
