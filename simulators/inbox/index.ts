export { type Act, acts } from './acts';
export { createInboxServer, type InboxOptions, type InboxServer } from './server';
export type { ChatName, Entry, ListEntry, Thread } from './threads';
