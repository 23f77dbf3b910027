import { ConversationGoneError } from '../../core/delivery/destination';
import { OutcomeUnknownError, ServiceError, UnreachableError } from '../../core/http/errors';
import { TOO_MANY } from '../../core/http/service';
import { StorageError } from '../../core/memory/errors';
import { CHECK_BASE_URL } from '../../core/summary/completion';
import { products } from '../../core/products';
import { MODEL_SERVER, UnusableAnswerError } from '../../core/summary/modelErrors';

const TRIED_AGAIN =
  'It is tried again with the next activity, or a little later. The same failure shows again after an hour, unless it works before.';

const MODEL_ADVICE: Record<string, string> = {
  200: CHECK_BASE_URL,
  401: "Check API Key in the OpenAI credential; for another server than OpenAI's also Base URL.",
  403: 'The key may not do this: check its permissions, and Model.',
  404: "Check Model: its list shows what the server offers. For another server than OpenAI's check also Base URL in the credential.",
  429: 'The limit of the key is reached, or its credit used up: look at limits and billing at the provider.',
};

/** What to do about a service's refusals, by its code or the HTTP status. */
function adviceOf(service: string): Readonly<Record<string, string>> | undefined {
  if (service === MODEL_SERVER) return MODEL_ADVICE;
  return products.find(({ name }) => name === service)?.advice;
}

/**
 * What to do about an error, in sentences; undefined if nothing is known that helps.
 * @param retried whether the failed work is tried again without anyone's doing
 */
export function adviceFor(error: Error, retried = false): string | undefined {
  const again = retried ? TRIED_AGAIN : '';
  if (error instanceof ServiceError)
    return sentences(aboutRefusal(error), inTheirWords(error), again);
  if (error instanceof OutcomeUnknownError) {
    const look = `It may have been done all the same: look in ${error.service} before you repeat it.`;
    return retried ? sentences('Nothing is lost.', again) : look;
  }
  if (error instanceof UnreachableError) {
    return sentences(
      retried ? 'Nothing is lost.' : 'Nothing was done. Check the way to it.',
      again,
    );
  }
  if (error instanceof StorageError) return sentences(error.advice, again);
  if (error instanceof UnusableAnswerError) return sentences(error.advice, again);
  if (error instanceof ConversationGoneError) {
    return 'The session may be linked to another conversation.';
  }
  return again || undefined;
}

function aboutRefusal({ service, status, code }: ServiceError): string {
  const known = adviceOf(service) ?? {};
  const key = [code, String(status)].find((one) => Object.hasOwn(known, one));
  if (key !== undefined) return known[key] ?? '';
  if (status >= 300 && status < 400) {
    return 'Check Base URL in the credential: it has to be the address that answers itself.';
  }
  return TOO_MANY.includes(status)
    ? 'Too many calls for a long time: slow down what else uses the token.'
    : '';
}

/** The code under which the service's documentation and support know the refusal. */
function inTheirWords({ service, code, message }: ServiceError): string {
  return code && code !== message ? `${service} calls this "${code}".` : '';
}

/** Sentences as one text, without those that are missing. */
export function sentences(...said: Array<string | null | undefined>): string {
  return said.filter(Boolean).join(' ');
}
