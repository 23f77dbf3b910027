export type { Exchange, Occasion } from './exchange';
export { askAsFin } from './fin';
export { askAsHugo } from './hugo';
