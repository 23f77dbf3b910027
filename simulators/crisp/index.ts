export { createCrispSimulator, type CrispOptions, type CrispSimulator } from './server';
export type { Seen } from './chatbox';
export type { Quirks } from './quirks';
export type { Conversation, HookEvent, Message, Snapshot } from './types';
export { chatAs, continuityToken, visitAs } from './visitor';
