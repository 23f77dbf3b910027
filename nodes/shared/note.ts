import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { ConversationGoneError, type Destination } from '../../core/delivery/destination';
import { conversationOf, notice, noteField, noteOf, textField } from './operations/fields';
import { operation, type Operation } from './operations/operation';
import type { Item } from './operations/run';

/** What differs between chat products when a note is posted. */
export interface NotePosting<Product> {
  /** Who sees notes, such as `teammates`. */
  readers: string;
  conversation: INodeProperties;
  /** Fields below the text. */
  fields: readonly INodeProperties[];
  prepare(context: IExecuteFunctions): Promise<Product>;
  /** Returns the note's id; null when the chat product does not tell which note is ours. */
  post(item: Item, conversationId: string, product: Product): Promise<string | null>;
}

/** Each item with its `conversation_id` and the `note_id` (null when it cannot be known). */
export function postNote<Product>(posting: NotePosting<Product>): Operation {
  const { readers, conversation, fields, prepare, post } = posting;
  return operation({
    value: 'post',
    name: 'Post',
    action: 'Post a note',
    description: `Write an internal note that only ${readers} see`,
    title: 'Post Note',
    fields: [
      conversation,
      textField('The text of the note', 'Has been on the pricing page three times today'),
      ...fields,
    ],
    prepare,
    async run(item, product) {
      const conversation_id = conversationOf(item);
      return { json: { conversation_id, note_id: await post(item, conversation_id, product) } };
    },
  });
}

/** How a chat product calls the removal of a note, and what it says of one that is not there. */
export interface NoteRemoval {
  verb: 'delete' | 'redact';
  past: 'deleted' | 'redacted';
  /** What the operation does to a note. */
  description: string;
  conversation: INodeProperties;
  /** What the chat product calls a note's id. */
  alias: string;
  destination(context: IExecuteFunctions): Promise<Pick<Destination, 'redact'>>;
  /** Whether a note that is not there (any more) counts as removed. */
  missing(item: Item, conversationId: string, noteId: string): boolean;
}

/** Each item with its `conversation_id` and `note_id`, and whether the note is removed, now or before. */
export function removeNote(removal: NoteRemoval): Operation {
  const { verb, past, description, conversation, alias, destination, missing } = removal;
  const name = verb[0]!.toUpperCase() + verb.slice(1);
  return operation({
    value: verb,
    name,
    action: `${name} a note`,
    description,
    title: `${name} Note`,
    fields: [
      notice(`${verb}Notice`, `A ${past} note cannot be restored.`),
      conversation,
      noteField(alias),
    ],
    prepare: destination,
    async run(item, product) {
      const conversation_id = conversationOf(item);
      const note_id = noteOf(item);
      const isRemoved = await product.redact(conversation_id, note_id).catch(ifGone);
      const done = isRemoved || missing(item, conversation_id, note_id);
      return { json: { conversation_id, note_id, [past]: done } };
    },
  });
}

/** A note went with its conversation. @throws any other error */
function ifGone(error: unknown): false {
  if (error instanceof ConversationGoneError) return false;
  throw error;
}
