export { askByConnector, type ConnectorRun } from './connector';
export type { Exchange, Occasion } from './exchange';
export { askAsFin, signToken } from './fin';
export { askAsHugo } from './hugo';
