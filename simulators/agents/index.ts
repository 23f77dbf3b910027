export type { Exchange, Occasion } from './exchange';
export { askAsFin, signToken } from './fin';
export { askAsHugo } from './hugo';
