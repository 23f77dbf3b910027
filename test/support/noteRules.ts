import { noteRules } from '../../core/delivery/noteRules';
import type { NoteRules } from '../../core/memory/types';

/** Conversations of tests, `c1`, `c2` …, are everybody's. */
export const testRules: NoteRules = {
  ...noteRules,
  ownsConversation: (_chat, conversationId) => /^c\d+$/.test(conversationId),
};
