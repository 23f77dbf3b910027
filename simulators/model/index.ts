export { answerTo } from './answers';
export { actionLines, previousSummary, type Prompt } from './prompt';
export {
  createModelSimulator,
  type ModelBehaviour,
  type ModelOptions,
  type ModelRequest,
  type ModelSimulator,
} from './server';
