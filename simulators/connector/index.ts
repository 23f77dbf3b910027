export type { ConnectorBehaviour } from './behaviours';
export { createCrowd, type Crowd, type CrowdOptions } from './crowd';
export { type Action, type ActionsFrame, encodeFrame, HEARTBEAT } from './frames';
export { createLoad, type Load, type LoadOptions } from './load';
export {
  type PushAttempt,
  pushHeaders,
  type Pusher,
  type PushStats,
  type PushTarget,
} from './push';
export {
  type ConnectorOptions,
  type ConnectorSimulator,
  type ConnectorStats,
  createConnectorSimulator,
  type StreamRequest,
} from './server';
export { type Interaction, ORIGIN, type PageKey, site } from './site';
export {
  createVisitor,
  newSessionId,
  type Person,
  type Step,
  type Visitor,
  type VisitorOptions,
} from './visitors';
