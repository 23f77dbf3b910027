export { type Act, acts } from './acts';
export { type BotCalls, type KnownCalls, watchAnswers } from './botCalls';
export { createInboxServer, type InboxOptions, type InboxServer } from './server';
export type { ChatName, Entry, ListEntry, Thread } from './threads';
