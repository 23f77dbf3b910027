export { createCrowd, type Crowd } from './crowd';
export { type ActionsFrame, encodeFrame } from './frames';
export { createLoad } from './load';
export { pushHeaders } from './push';
export { type ConnectorSimulator, createConnectorSimulator } from './server';
export { hostileSite, site } from './site';
export { createVisitor, type Person, type Step } from './visitors';
