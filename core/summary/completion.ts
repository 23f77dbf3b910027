import { fields, isObject, list, text } from '../values';
import { answerText } from '../text/answer';
import { oneLine, shorten } from '../text/visible';
import {
  EmptyAnswerError,
  errorIn,
  UnusableAnswerError,
  wordsOf,
  type ModelReply,
} from './modelErrors';

/** What to do when a server answers with something else than a completion. */
export const CHECK_BASE_URL =
  'Check Base URL in the OpenAI credential: for most servers it ends with /v1.';
const OTHER_MODEL = 'Check the prompt, or choose another model.';

/**
 * The text of a chat completion; '' if it has none.
 * @throws ServiceError for an error with a status of success; UnusableAnswerError for a refusal, for an answer that a
 *   filter held back, and for anything that is no completion
 */
export function completionText(reply: ModelReply, now: number): string {
  const { body } = reply;
  const [choice] = list(fields(body).choices).map(fields);
  if (fields(body).error) throw errorIn(reply, now);
  if (!choice) throw notAnswered(reply, now);
  if (choice.error) throw errorIn({ ...reply, body: choice }, now);
  const message = fields(choice.message);
  return answerOrRefusal(message.content ?? choice.text, {
    refusal: message.refusal,
    finish: choice.finish_reason,
    calls: list(message.tool_calls).length,
  });
}

/** Why a model stopped, in the words of OpenAI, Anthropic and Google. */
const FILTERED = [
  ...['content_filter', 'refusal'],
  ...['safety', 'prohibited_content', 'blocklist', 'spii', 'recitation'],
];

const CUT = ['length', 'max_tokens'];

/** The end of an answer. */
interface Ending {
  /** The model's words if it refuses. */
  refusal?: unknown;
  /** Why the model stopped. */
  finish?: unknown;
  /** How many tools the model called. */
  calls?: number;
}

/** The text of an answer. @throws UnusableAnswerError if it was refused, filtered, or cut before it began */
export function answerOrRefusal(content: unknown, { refusal, finish, calls = 0 }: Ending): string {
  const answer = answerText(content ?? '');
  if (answer === undefined) {
    throw new UnusableAnswerError('The model answered with no text', OTHER_MODEL);
  }
  const refused = text(refusal) || text(fields(list(content).map(fields).find(isRefusal)).refusal);
  if (refused !== '' && answer.trim() === '') {
    throw new UnusableAnswerError(
      `The model refused to answer: ${shorten(oneLine(refused), 300)}`,
      OTHER_MODEL,
    );
  }
  if (FILTERED.includes(text(finish).toLowerCase())) {
    throw new UnusableAnswerError(
      `The answer was held back by a content filter (${text(finish)})`,
      OTHER_MODEL,
    );
  }
  if (answer.trim() === '' && calls > 0) {
    throw new UnusableAnswerError('The model called a tool instead of answering', OTHER_MODEL);
  }
  // Another attempt would have as little room.
  if (answer.trim() === '' && CUT.includes(text(finish).toLowerCase()))
    throw new EmptyAnswerError(true);
  return answer;
}

const isRefusal = ({ type }: Record<string, unknown>) => type === 'refusal';

/**
 * The error for an answer that is not what the model's server was asked for: in the server's own words if it has some,
 * otherwise what it is instead, such as a page of another service.
 */
export function notAnswered(reply: ModelReply, now: number): Error {
  const { body } = reply;
  if (isObject(body) && wordsOf(body)) return errorIn(reply, now);
  const isPage = typeof body === 'string' && body.trimStart().startsWith('<');
  const what = isPage ? 'a web page' : body === '' ? 'nothing' : 'something else';
  return new UnusableAnswerError(
    `The model's server answered with ${what} instead of a model's answer`,
    CHECK_BASE_URL,
  );
}
