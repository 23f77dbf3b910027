import { intercomFor } from '../../shared/intercom';
import { removeNote } from '../../shared/note';
import { conversation } from './send';

/** A conversation that has no such note, or does not exist, counts as `redacted: false`, and a hint says so. */
export const redactNote = removeNote({
  verb: 'redact',
  past: 'redacted',
  description: "Remove a note's content permanently",
  conversation,
  alias: 'Intercom calls it the part ID',
  destination: async (context) => (await intercomFor(context)).destination(''),
  missing({ context }, conversationId, noteId) {
    context.addExecutionHints({
      message: `Intercom has no note ${noteId} in conversation ${conversationId}, so nothing was redacted. Check Note ID and Conversation ID, and that the credential is one of the same workspace.`,
      type: 'warning',
    });
    return false;
  },
});
