import type { Call } from './call';
import { apiError, invalid, missing } from './errors';
import { requiredText } from './fields';
import type { Author, Conversation, ReplyOption } from './records';
import type { PartExtras, Store } from './store';
import { isSince } from './versions';

type Body = Record<string, unknown>;

/**
 * `POST /conversations/{id}/reply` by an admin: a note, a comment, or buttons.
 *
 * @returns the conversation, with the new part in it
 * @throws ApiError 400 for missing and wrong fields, 404 for an unknown conversation or admin
 */
export function replyTo(call: Call): Conversation {
  const { store, id, body } = call;
  const type = requiredText(body, 'message_type');
  if (requiredText(body, 'type') !== 'admin') throw invalid('type', 'must be admin');
  const hasButtons = isSince(call.version, '2.14');
  if (type !== 'comment' && type !== 'note' && !(type === 'quick_reply' && hasButtons)) {
    throw invalid(
      'message_type',
      `must be comment${hasButtons ? ', note or quick_reply' : ' or note'}`,
    );
  }
  const conversation = store.conversation(id);
  const author = adminAuthor(store, body);
  const text = type === 'quick_reply' ? '' : requiredText(body, 'body');
  const extras = type === 'quick_reply' ? buttonsOf(call) : {};
  store.addPart(conversation, type, author, text, { ...extras, ...unsentIn(conversation, type) });
  return conversation;
}

/** @throws ApiError 400 for none, and for one without a text or an id */
function buttonsOf({ body, quirks }: Call): PartExtras {
  const { body: text, reply_options: given } = body;
  if (text !== undefined && text !== null && quirks.quickReplyBody === 'refused') {
    throw invalid('body', 'is not allowed for quick_reply');
  }
  if (given === undefined || given === null) throw missing('reply_options');
  if (!Array.isArray(given) || given.length === 0) throw invalid('reply_options', 'must be a list');
  // How many there may be is not documented, nor whether the format of an id is checked.
  const options = given.map((one: unknown): ReplyOption => {
    const option = (one ?? {}) as Body;
    return { text: requiredText(option, 'text'), uuid: requiredText(option, 'uuid') };
  });
  return {
    options,
    ...(quirks.optionsInMetadata && { metadata: { quick_reply_options: options } }),
  };
}

/**
 * In a conversation that the contact began by email, replies of bots are stored and never sent. Whether those of an
 * app in an admin's name count as a bot's is not documented: the worst case.
 */
function unsentIn({ source }: Conversation, type: string): PartExtras {
  return source.type === 'email' && type !== 'note' ? { unsent: true } : {};
}

/** @throws ApiError 404 for an admin that does not exist, 400 for none */
export function adminAuthor(store: Store, body: Body): Author {
  const id = requiredText(body, 'admin_id');
  const admin = store.admins.find((one) => one.id === id);
  if (!admin) throw apiError(404, 'admin_not_found', 'Admin for admin_id not found', 'admin_id');
  return { type: 'admin', ...admin };
}
