export type { SdkEvent } from './capture/body';
export { toChain, type ListedElement } from './elementsChain';
export { createPosthogSimulator, type PosthogOptions, type PosthogSimulator } from './server';
export type * from './types';
