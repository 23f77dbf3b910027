import { ConversationGoneError } from '../../core/delivery/destination';
import { OutcomeUnknownError, ServiceError, UnreachableError } from '../../core/http/errors';
import { TOO_MANY } from '../../core/http/service';
import { StorageError } from '../../core/memory/types';
import { CHECK_BASE_URL } from '../../core/summary/completion';
import { MODEL_SERVER, UnusableAnswerError } from '../../core/summary/modelErrors';

const TRIED_AGAIN = 'It is tried again with the next activity, or a little later.';

const INTERCOM = 'Intercom Conversation API credential';
const CRISP = 'Crisp Conversation API credential';

/** What to do about a refusal, by the service's name in errors and by status. */
const REFUSED: Record<string, Record<number, string>> = {
  Intercom: {
    401: `Check Access Token and Region in the ${INTERCOM}: a token is known only in the region that its workspace is hosted in.`,
    403: 'The app lacks a permission: in Intercom, open Developer Hub → your app → Authentication. It has to read and write conversations, and to read admins. Intercom may make a new token when permissions change: enter that one.',
    404: `Check Conversation ID, that Author is still a teammate, and that the ${INTERCOM} is one of the same workspace.`,
  },
  Crisp: {
    401: `Check Token Tier, Token Identifier and Token Key in the ${CRISP}: with another tier than its own, a token is refused.`,
    403: `Check Website ID in the ${CRISP}. A plugin has to be installed on this website, and its token to have the scopes website:conversation:messages (read and write) and website:conversation:sessions (read).`,
    404: `Check Conversation ID, and Website ID in the ${CRISP}.`,
  },
  [MODEL_SERVER]: {
    200: CHECK_BASE_URL,
    401: "Check API Key in the OpenAI credential; for another server than OpenAI's also Base URL.",
    403: 'The key may not do this: check its permissions, and Model.',
    404: "Check Model: its list shows what the server offers. For another server than OpenAI's check also Base URL in the credential.",
    429: 'The limit of the key is reached, or its credit used up: look at limits and billing at the provider.',
  },
};

/**
 * What to do about an error; undefined where nothing is known that helps.
 * @param retried whether what failed is tried again by itself
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

/** A right token that may not do this; the status is the same as for a wrong one. */
const LACKS_PERMISSION = 'token_unauthorized';

function aboutRefusal({ service, status, code }: ServiceError): string {
  const known = REFUSED[service]?.[code === LACKS_PERMISSION ? 403 : status];
  if (known !== undefined) return known;
  if (status >= 300 && status < 400) {
    return 'Check Base URL in the credential: it has to be the address that answers itself.';
  }
  return TOO_MANY.includes(status)
    ? 'Too many calls for a long time: slow down what else uses the token.'
    : '';
}

/** What the service's own documentation and support know it by. */
function inTheirWords({ service, code, message }: ServiceError): string {
  return code && code !== message ? `${service} calls this "${code}".` : '';
}

function sentences(...said: string[]): string {
  return said.filter(Boolean).join(' ');
}
