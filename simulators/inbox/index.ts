export { type Act } from './acts';
export { type BotCalls, type KnownCalls, watchAnswers } from './botCalls';
export { createInboxServer } from './server';
export type { Entry, ListEntry, Thread } from './threads';
