import { fields, isObject } from '../values';
import { answerOrRefusal } from './completion';
import type { Model } from './summarize';

/** The part of n8n's model sub-nodes, which are LangChain models, that is used here. */
export interface LangChainModel {
  /** Chat models answer with a message, others with a string. */
  invoke(messages: Array<[string, string]>, options: { signal: AbortSignal }): Promise<unknown>;
}

/**
 * A model that is connected as a sub-node. It throws LangChain's errors, and UnusableAnswerError for a refusal or an
 * answer that a filter held back.
 */
export function createConnectedModel(model: LangChainModel): Model {
  return async (prompt, signal) => {
    const answer = await model.invoke([['human', prompt]], { signal });
    if (!isObject(answer)) return answerOrRefusal(answer, {});
    const metadata = fields(answer.response_metadata);
    return answerOrRefusal(answer.content, {
      refusal: fields(answer.additional_kwargs).refusal,
      // OpenAI's, Anthropic's and Google's names for it.
      finish: metadata.finish_reason ?? metadata.stop_reason ?? metadata.finishReason,
    });
  };
}
