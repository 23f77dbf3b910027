export type { Journal, Mutation } from './journal';
export { createCrispSimulator, type CrispOptions } from './server';
export type { Token } from './tokens';
export type {
  Change,
  Conversation,
  CrispSimulator,
  Delivery,
  HookEvent,
  Hooks,
  Message,
  MessageType,
  NewVisitor,
  SessionData,
  Snapshot,
  State,
  Subscription,
} from './types';
export { chatAs } from './visitor';
