import { modelError } from './errors';
import { type Prompt, toPrompt } from './prompt';
import { type Completion, pieces, type ServerEvent } from './completion';

/** @throws ModelError 400 when there is no message */
export function chatPrompt(body: Record<string, unknown>): Prompt {
  if (!Array.isArray(body.messages) || body.messages.length === 0) {
    const text = "Missing required parameter: 'messages'.";
    throw modelError(400, text, { param: 'messages', code: 'missing_required_parameter' });
  }
  return toPrompt(body.messages);
}

/** The answer of `POST /v1/chat/completions`. */
export function chatCompletion({ id, created, model, content, usage }: Completion): unknown {
  const message = { role: 'assistant', content, refusal: null, annotations: [] };
  return {
    id: `chatcmpl-${id}`,
    object: 'chat.completion',
    created,
    model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: 'stop' }],
    usage: {
      prompt_tokens: usage.input,
      completion_tokens: usage.output,
      total_tokens: usage.input + usage.output,
    },
    service_tier: 'default',
    system_fingerprint: 'fp_simulator',
  };
}

/** The same answer as the events of a stream. */
export function chatCompletionEvents(completion: Completion, withUsage: boolean): ServerEvent[] {
  const { id, created, model, content, usage } = completion;
  const chunk = (choices: unknown[], more: object = {}): ServerEvent => ({
    data: JSON.stringify({
      id: `chatcmpl-${id}`,
      object: 'chat.completion.chunk',
      created,
      model,
      system_fingerprint: 'fp_simulator',
      choices,
      ...more,
    }),
  });
  const choice = (delta: object, finish_reason: string | null = null) => [
    { index: 0, delta, logprobs: null, finish_reason },
  ];
  const total = usage.input + usage.output;
  const counted = {
    usage: { prompt_tokens: usage.input, completion_tokens: usage.output, total_tokens: total },
  };
  return [
    chunk(choice({ role: 'assistant', content: '', refusal: null })),
    ...pieces(content).map((piece) => chunk(choice({ content: piece }))),
    chunk(choice({}, 'stop')),
    ...(withUsage ? [chunk([], counted)] : []),
    { data: '[DONE]' },
  ];
}
