import type { NoteRules } from '../memory/types';
import { ownsConversation } from '../products';
import { BIN_SECONDS } from '../text/note';
import { composeActivity, composeSummary } from '../text/noteFormat';

/** How this package's notes are written, in Autoplay's form by default, and the form of each product's conversation ids. */
export const noteRules: NoteRules = {
  composeActivity: (session, actions, first, format) =>
    composeActivity(session, actions, first ? BIN_SECONDS : 0, format),
  composeSummary,
  ownsConversation,
};
