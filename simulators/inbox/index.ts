export { type Act } from './acts';
export { type BotCalls, type KnownCalls, watchAnswers } from './botCalls';
export { connectorSource } from './connectorSource';
export type { DemoFacts } from './facts';
export type { OfferFigures, OfferReport } from './offers';
export { posthogSource } from './posthogSource';
export { createInboxServer, type InboxServer } from './server';
export type { Entry, ListEntry, Thread } from './threads';
export { createWebsite } from './website';
