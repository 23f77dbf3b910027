import type { NoteRules } from '../memory/types';
import { ownsConversation } from '../products';
import { activityNoteText, BIN_SECONDS, summaryNoteText } from '../text/note';

/** The format of this package's notes, which is Autoplay's, and the form of each product's conversation ids. */
export const noteRules: NoteRules = {
  composeActivity: ({ session_id }, actions, first) =>
    activityNoteText(session_id, actions, first ? BIN_SECONDS : 0),
  composeSummary: ({ session_id }, summary, now) => summaryNoteText(session_id, summary, now),
  ownsConversation,
};
