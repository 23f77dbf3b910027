export type { Connectors, DataConnector, ResponseField } from './connectors';
export type { Effect, Latency } from '../http/faults';
export { sanitise } from './html';
export type { Seen } from './messenger';
export type { Quirks } from './quirks';
export {
  type Admin,
  type Conversation,
  type Outreach,
  type Part,
  REDACTED_BODY,
  type Snapshot,
} from './records';
export { createIntercomSimulator, type IntercomOptions, type IntercomSimulator } from './server';
export type { Subscription } from './webhooks';
