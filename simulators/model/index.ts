export { answerTo } from './answers';
export { actionLines, chatPart, type ChatPrompt, previousSummary, type Prompt } from './prompt';
export {
  createModelSimulator,
  type ModelBehaviour,
  type ModelLatency,
  type ModelOptions,
  type ModelRequest,
  type ModelSimulator,
} from './server';
