export { createCrowd, type Crowd } from './crowd';
export { type ActionsFrame, encodeFrame } from './frames';
export { createLoad } from './load';
export { pushHeaders } from './push';
export { type ConnectorSimulator, createConnectorSimulator } from './server';
export { hostileSite, type Interaction, ORIGIN, site } from './site';
export { isStuckWay, STUCK_WAYS, type StuckWay } from './stuck';
export { createVisitor, type Deed, type Person, type Step } from './visitors';
