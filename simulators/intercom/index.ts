export type { ApiRequest, Effect, Fault, Faults, Latency } from '../http/faults';
export type { RequestEntry, Violation } from '../http/journal';
export { sanitise } from './html';
export type { Journal, Mutation } from './journal';
export type { Algorithms, Notification, Topic } from './notifications';
export {
  type Admin,
  type Author,
  type Contact,
  type Conversation,
  type Part,
  REDACTED_BODY,
  type Snapshot,
} from './records';
export { createIntercomSimulator, type IntercomOptions, type IntercomSimulator } from './server';
export type { Change, NewContact } from './store';
export type { Delivery, Subscription, Webhooks } from './webhooks';
