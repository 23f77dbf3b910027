export { type Act } from './acts';
export { type BotCalls, type KnownCalls, watchAnswers } from './botCalls';
export type { DemoFacts } from './facts';
export { createInboxServer, type InboxServer } from './server';
export type { Entry, ListEntry, Thread } from './threads';
export { createWebsite } from './website';
