import type { CrispSimulator } from '../../simulators/crisp';
import type { IntercomSimulator } from '../../simulators/intercom';
import { htmlToText } from '../../simulators/intercom/html';

/** A note in the chat product. */
export interface Posted {
  id: string;
  text: string;
  /** Whether our token posted it; otherwise a teammate did. */
  ours: boolean;
}

/** Is called at the moment at which a note is posted or redacted. */
export interface Watcher {
  posted(conversationId: string, note: Posted): void;
  redacted(conversationId: string, noteId: string): void;
}

export function watchIntercom(
  simulator: IntercomSimulator,
  ownAdmin: string,
  watcher: Watcher,
): void {
  simulator.onChange((change) => {
    if (change.kind === 'redacted') {
      watcher.redacted(change.conversation.id, change.part?.id ?? 'the first message');
    }
    if (change.kind !== 'part-created' || change.part.part_type !== 'note') return;
    const { id, body, author } = change.part;
    const note = { id, text: htmlToText(body), ours: author.id === ownAdmin };
    watcher.posted(change.conversation.id, note);
  });
}

export function watchCrisp(simulator: CrispSimulator, watcher: Watcher): void {
  simulator.onChange((change) => {
    if (change.kind === 'removed') {
      const { message, conversation } = change;
      watcher.redacted(conversation.session_id, String(message.fingerprint));
    }
    if (change.kind !== 'message' || change.message.type !== 'note') return;
    const { fingerprint, content, automated } = change.message;
    const note = { id: String(fingerprint), text: String(content), ours: automated };
    watcher.posted(change.conversation.session_id, note);
  });
}
