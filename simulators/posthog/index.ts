export type { SdkEvent } from './capture/body';
export { toChain, type ListedElement } from './sdk/elementsChain';
export { scenarios, type Stage } from './scenarios';
export { createBrowser, type SdkBrowser, type Tab } from './sdk/browser';
export { type DomElement, el } from './sdk/dom';
export { createPosthogSimulator, type PosthogOptions, type PosthogSimulator } from './server';
export type * from './types';
