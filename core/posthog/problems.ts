import { OutcomeUnknownError, ServiceError, UnreachableError } from '../http/errors';
import { TOO_MANY } from '../http/service';
import { shorten } from '../text/visible';
import { asError } from '../values';

/** The name of the service in errors. */
export const POSTHOG = 'PostHog';

/** PostHog's sentences are shorter. */
const MAX_QUOTE = 500;
const KEYS = 'In PostHog, open Settings → Account → Personal API keys, edit the key';
const CHECK_WAY = 'Check Region or Base URL, and whether this n8n can reach PostHog.';

export type PosthogProblemCode =
  | 'bad_key'
  | 'bad_address'
  | 'missing_scope'
  | 'other_project'
  | 'unknown_project'
  | 'no_destinations'
  | 'too_many'
  | 'refused'
  | 'unreachable';

/** What PostHog did not do, in words for a user. */
export interface PosthogProblem {
  code: PosthogProblemCode;
  /** What happened. */
  message: string;
  /** What to do about it. */
  advice: string;
  /** Whether only a person can end it. */
  isLasting: boolean;
  /** How long PostHog asks callers to wait, in milliseconds. */
  retryAfterMs?: number;
}

/** A field of the credential that can never work, or something that PostHog does not offer. Nothing was called. */
export class PosthogFault extends Error {
  constructor(
    readonly code: PosthogProblemCode,
    message: string,
    readonly advice: string,
  ) {
    super(message);
    this.name = 'PosthogFault';
  }
}

/** What an error of a call means, in words for a user. Quotes PostHog's own texts, never its other fields. */
export function posthogProblem(thrown: unknown): PosthogProblem {
  if (thrown instanceof PosthogFault) {
    const { code, message, advice } = thrown;
    return { code, message, advice, isLasting: true };
  }
  if (thrown instanceof ServiceError) return refusal(thrown);
  const { message } = asError(thrown);
  const isAway = thrown instanceof UnreachableError || thrown instanceof OutcomeUnknownError;
  return { code: 'unreachable', message, advice: isAway ? CHECK_WAY : '', isLasting: false };
}

function refusal(error: ServiceError): PosthogProblem {
  const { status } = error;
  const message = quotable(error);
  const lasting = (code: PosthogProblemCode, what: string, advice: string): PosthogProblem => ({
    code,
    message: `${what} (HTTP ${status}: ${message})`,
    advice,
    isLasting: true,
  });
  if (status === 401) {
    return lasting(
      'bad_key',
      'PostHog does not accept the Personal API Key',
      'Check Personal API Key and Region in the credential: a key starts with phx_, and is known only in the region it was made in.',
    );
  }
  if (status === 403) return forbidden(message, lasting);
  if (status === 404) {
    return lasting(
      'unknown_project',
      'PostHog has nothing at this address',
      'Check Project ID, Region and Base URL in the credential. The ID is the number in the addresses of the project’s pages: /project/7/…',
    );
  }
  if (TOO_MANY.includes(status)) return tooMany(error);
  if (status === 400 && error.param === 'template_id') {
    return lasting(
      'no_destinations',
      'This PostHog has no webhook destinations',
      'Choose the source Live Stream, or add webhook destinations to your PostHog: some plans need the Data Pipelines add-on for them.',
    );
  }
  return lasting('refused', 'PostHog refused', redirectAdvice(status));
}

type Lasting = (code: PosthogProblemCode, what: string, advice: string) => PosthogProblem;

function forbidden(message: string, lasting: Lasting): PosthogProblem {
  const scope = /scope '([\w:]{1,60})'/.exec(message)?.[1];
  if (scope) {
    return lasting(
      'missing_scope',
      `The Personal API Key lacks the scope ${scope}`,
      `${KEYS} and add the scope ${scope}.`,
    );
  }
  return lasting(
    'other_project',
    'The Personal API Key may not use this project',
    `Fill in Project ID in the credential with a project that the key may use, or let it use this one: ${KEYS} and look at its organizations and projects.`,
  );
}

function tooMany(error: ServiceError): PosthogProblem {
  const { retryAfterMs, status } = error;
  const wait = retryAfterMs === undefined ? '' : ` for ${Math.ceil(retryAfterMs / 1_000)} s`;
  return {
    code: 'too_many',
    message: `PostHog asks to wait${wait} (HTTP ${status}: ${quotable(error)})`,
    advice: 'Wait, then try again. If it lasts, slow down what else uses the key.',
    isLasting: false,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

/** PostHog's own words, without the full stop at their end. */
function quotable({ message }: ServiceError): string {
  return withoutEnd(shorten(message, MAX_QUOTE).trimEnd(), '.');
}

/** A text without any of these characters at its end. An expression would take time by the square of their number. */
export function withoutEnd(text: string, character: string): string {
  let end = text.length;
  while (text[end - 1] === character) end -= 1;
  return text.slice(0, end);
}

function redirectAdvice(status: number): string {
  return status >= 300 && status < 400
    ? 'Check Base URL in the credential: it has to be the address that answers itself.'
    : 'Check Project ID, Region and Personal API Key in the credential.';
}
