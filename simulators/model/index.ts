export * as forms from './forms';
export { chatPart } from './prompt';
export {
  createModelSimulator,
  type ModelLatency,
  type ModelRequest,
  type ModelSimulator,
} from './server';
