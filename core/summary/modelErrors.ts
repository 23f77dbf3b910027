import { fields, isObject, list, text, textOrNull } from '../values';
import { ServiceError } from '../http/errors';
import { readRetryAfter } from '../http/retries';
import { oneLine, shorten } from '../text/visible';

/** The name of OpenAI, or of any compatible server, in errors. */
export const MODEL_SERVER = "The model's server";

/** The longest message of an error, in characters. */
const MAX_WORDS = 500;

/** A server answered, but the answer cannot be used. */
export class UnusableAnswerError extends Error {
  constructor(
    message: string,
    /** What to do about it, in sentences. */
    readonly advice: string,
    /** Whether the same request would be answered in the same way. */
    readonly isLasting = true,
  ) {
    super(message);
    this.name = 'UnusableAnswerError';
  }
}

/** The model's answer has no text. */
export class EmptyAnswerError extends UnusableAnswerError {
  constructor(isLasting = false) {
    const advice = 'Models that think before they answer need more room for it: raise Max Tokens.';
    super('The model answered with an empty text', advice, isLasting);
    this.name = 'EmptyAnswerError';
  }
}

/** The answer of a server that was asked for JSON. */
export interface ModelReply {
  status: number;
  headers: Headers;
  /** Parsed where it was JSON, else the text. */
  body: unknown;
}

/** The error in a reply, which may have a status of success. */
export function errorIn({ status, headers, body }: ModelReply, now: number): ServiceError {
  const error = errorOf(body);
  const code = text(error.code ?? fields(body).code);
  // Some servers answer 200 and put the status into the body.
  const said = Number(code);
  const actual = status < 400 && said >= 400 && said < 600 ? said : status;
  const message = wordsOf(body) || `HTTP ${status}`;
  return new ServiceError(MODEL_SERVER, actual, code, message, {
    param: text(error.param),
    retryAfterMs: readPause(headers, now) ?? retryDelay(error),
  });
}

/** The error object of a body, which may be in a list or be the body itself. */
function errorOf(body: unknown): Record<string, unknown> {
  const whole = fields(Array.isArray(body) ? body[0] : body);
  return isObject(whole.error) ? whole.error : whole;
}

/** The fields in which servers put their words, the plainest first. */
const SAID_IN = [
  'message',
  'error',
  'detail',
  'msg',
  'status_msg',
  'base_resp',
  'error_description',
  'errors',
  'title',
];
const DEPTH = 5;

/** A server's own words, wherever they are in its answer; '' for a page or an empty answer. */
export function wordsOf(body: unknown): string {
  const words = oneLine(shorten(deepWords(body, DEPTH), 20 * MAX_WORDS));
  return words.startsWith('<') ? '' : shorten(words, MAX_WORDS);
}

function deepWords(value: unknown, depth: number): string {
  if (typeof value === 'string') return value.trim();
  if (depth === 0) return '';
  if (Array.isArray(value)) {
    const said = value.slice(0, 3).map((one) => deepWords(one, depth - 1));
    return said.filter(Boolean).join('; ');
  }
  const known = fields(value);
  const told = SAID_IN.map((name) => deepWords(known[name], depth - 1)).find(Boolean) ?? '';
  // FastAPI names the field beside what is wrong with it.
  const field = text(list(known.loc).at(-1));
  const words = field && told ? `${field}: ${told}` : told;
  // OpenRouter says "Provider returned error", and what the provider said beside it.
  const raw = deepWords(fields(known.metadata).raw, depth - 1);
  return raw && !words.includes(raw) ? `${words}: ${raw}` : words;
}

/** The pause that a server asks for, in milliseconds. */
function readPause(headers: Pick<Headers, 'get'>, now: number): number | undefined {
  const exact = Number(headers.get('retry-after-ms') ?? '');
  return exact > 0 ? exact : readRetryAfter(textOrNull(headers.get('retry-after')), now);
}

/**
 * The pause that a model's server asks for with an error, in milliseconds. LangChain's models throw the errors of their
 * clients, which contain the headers.
 */
export function restAskedFor(error: unknown, now: number): number | undefined {
  if (error instanceof ServiceError) return error.retryAfterMs;
  const { headers, response } = fields(error);
  const given = headers ?? fields(response).headers;
  if (hasGet(given)) return readPause(given, now);
  const known = Object.entries(fields(given)).map(([name, value]) => [name.toLowerCase(), value]);
  const found = fields(Object.fromEntries(known));
  return readPause({ get: (name) => text(found[name]) || null }, now);
}

/** Clients bring headers of other implementations than Node's own as well. */
function hasGet(headers: unknown): headers is Pick<Headers, 'get'> {
  return typeof fields(headers).get === 'function';
}

/** Google's, in the body: `retryDelay` in seconds, e.g. `34s`. */
function retryDelay({ details }: Record<string, unknown>): number | undefined {
  const delay = list(details)
    .map((one) => text(fields(one).retryDelay))
    .find(Boolean);
  const seconds = parseFloat(delay ?? '');
  return seconds > 0 ? seconds * 1_000 : undefined;
}
