import {
  ConversationGoneError,
  OtherWorkspaceError,
  whileItExists,
  type Destination,
  type Note,
} from '../delivery/destination';
import { ServiceError } from '../http/errors';
import { chatKey, productOf } from '../memory/chatKey';
import { htmlWords, textToHtml } from '../text/html';
import type { Conversation, ConversationPart, IntercomApi } from './api';
import { intercom } from './product';

/** Intercom's code for a part that it does not find, whether or not there ever was one. */
const NO_PART = 'conversation_part_or_message_not_found';
const NOT_REDACTABLE = 'conversation_part_not_redactable';

/**
 * How far Intercom's clock may be from ours, in seconds. Generous, because a note that is passed over for its time is
 * posted twice. Its words identify it all the same: they begin with the session and a time.
 */
export const CLOCK_TOLERANCE_S = 3_600;

/**
 * Why a note's id is not certain: several notes of ours have the same words, and the newest was taken; or the answer
 * contains no note that fits, and the note can never be redacted.
 */
export type Doubt = 'alike' | 'missing';

/** The admin and the workspace that the access token belongs to. */
export type Owner = Awaited<ReturnType<IntercomApi['me']>>;

interface IntercomDestinationOptions {
  /** The id of the admin whose notes they are. May take a call, so it is asked for only when a note is looked for or posted. */
  author: () => Promise<string>;
  /** Whose the token is: what is known by now, and the way to find out. Without it, every workspace counts as the token's. */
  owner?: { known(): Owner | undefined; ask(): Promise<Owner> };
  /** Called when the id of a note is not certain. */
  onDoubt?: (doubt: Doubt, conversationId: string) => void;
}

/** Intercom as a destination: the notes of one admin, recognised by their words. */
export function createIntercomDestination(
  api: IntercomApi,
  { author, owner, onDoubt = () => {} }: IntercomDestinationOptions,
): Destination {
  function newestOf(fitting: readonly string[], conversationId: string): string | undefined {
    if (fitting.length > 1) onDoubt('alike', conversationId);
    return fitting[0];
  }

  /** Several workspaces may share a memory. The token's own is asked for only where a link names one. */
  async function refuseOtherWorkspaces({
    chat,
    conversationId,
  }: Pick<Note, 'chat' | 'conversationId'>): Promise<void> {
    if (!owner || chat === undefined || productOf(chat) === chat) return;
    const { workspace } = owner.known() ?? (await owner.ask());
    if (workspace !== null && chat !== chatKey(productOf(chat), workspace)) {
      throw new OtherWorkspaceError(intercom.name, conversationId);
    }
  }

  const read = async (conversationId: string) =>
    await whileItExists(conversationId, intercom.goneCodes, () => api.conversation(conversationId));

  /** Runs a call other than a GET. Its 404 may be about the author or a part, so the conversation itself is asked for. */
  async function whileConversationExists<T>(id: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (!hasCode(error, ...intercom.goneCodes)) throw error;
      await read(id).catch((reason: unknown) => {
        if (reason instanceof ConversationGoneError) throw reason;
      });
      throw error;
    }
  }

  return {
    get chat() {
      return chatKey(intercom.chat, owner?.known()?.workspace);
    },
    async find(note) {
      await refuseOtherWorkspaces(note);
      const adminId = await author();
      const { conversationId } = note;
      const fitting = ownNotes(await read(conversationId), adminId, soughtBy(note));
      return newestOf(fitting, conversationId);
    },
    async post(note, beforeSending) {
      await refuseOtherWorkspaces(note);
      const { conversationId } = note;
      return await whileConversationExists(conversationId, async () => {
        const adminId = await author();
        const sought = soughtBy(note);
        const reply = { message_type: 'note' as const, admin_id: adminId, body: sought.html };
        const answer = await api.reply(conversationId, reply, beforeSending);
        const noteId = newestOf(ownNotes(answer, adminId, sought), conversationId);
        if (noteId === undefined) onDoubt('missing', conversationId);
        return noteId ?? null;
      });
    },
    async redact(conversationId, noteId, { yieldFor, chat } = {}) {
      await refuseOtherWorkspaces({ chat, conversationId });
      return await whileConversationExists(conversationId, async () => {
        try {
          await api.redactPart(conversationId, noteId, yieldFor);
        } catch (error) {
          if (!hasCode(error, NO_PART, NOT_REDACTABLE)) throw error;
          const part = partsOf(await read(conversationId)).find(({ id }) => String(id) === noteId);
          if (part && !part.redacted) throw error;
          // Intercom shows only the latest parts: one that it knows and will not redact was redacted before those.
          return part !== undefined || hasCode(error, NOT_REDACTABLE);
        }
        return true;
      });
    },
  };
}

/** What identifies a note: its body as it was sent, and as in {@link Note}. */
interface SoughtNote extends Pick<Note, 'since' | 'otherNoteIds'> {
  html: string;
  /** Intercom's name for the kind of message; a note by default. */
  partType?: 'note' | 'comment';
  /** How far the clocks may be apart, in seconds. */
  toleranceS?: number;
}

const soughtBy = ({ text, ...note }: Note): SoughtNote => ({ ...note, html: textToHtml(text) });

/**
 * The id of the note that was posted. Intercom documents no order of a conversation's parts, so author, words and time
 * decide, and that the note is none of those already known. Of several that fit, which then have the same words, it is
 * the newest. Null if none fits: a wrong id would redact a stranger's note for good.
 */
export function findOwnNote(
  conversation: Conversation,
  adminId: string,
  sought: SoughtNote,
): string | null {
  return ownNotes(conversation, adminId, sought)[0] ?? null;
}

/** The ids of all notes that fit, the newest first. */
function ownNotes(
  conversation: Conversation,
  adminId: string,
  { html, since, otherNoteIds, partType = 'note', toleranceS = CLOCK_TOLERANCE_S }: SoughtNote,
): string[] {
  const words = wordsOf(html);
  const earliest = since / 1_000 - toleranceS;
  const fitting = partsOf(conversation).filter(
    (part) =>
      part.part_type === partType &&
      !part.redacted &&
      String(part.author?.id) === adminId &&
      part.created_at >= earliest &&
      !otherNoteIds.includes(String(part.id)) &&
      wordsOf(part.body ?? '') === words,
  );
  return fitting.sort(newestFirst).map(({ id }) => String(id));
}

/** The words of a body without any white space: tags that Intercom adds, such as around an address, may or may not come with some. */
export function wordsOf(html: string): string {
  return htmlWords(html).replaceAll(' ', '');
}

export function newestFirst(a: ConversationPart, b: ConversationPart): number {
  return b.created_at - a.created_at || Number(b.id) - Number(a.id);
}

/** In no certain order. */
export function partsOf({ conversation_parts }: Conversation): ConversationPart[] {
  return conversation_parts?.conversation_parts ?? [];
}

function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof ServiceError && codes.includes(error.code);
}
