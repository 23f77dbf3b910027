export { createCrispSimulator, type CrispOptions } from './server';
export type { Conversation, CrispSimulator, HookEvent, Message, Snapshot } from './types';
export { chatAs } from './visitor';
