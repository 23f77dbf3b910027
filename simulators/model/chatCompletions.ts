import { checkSettings, offeredTools, toolChoiceOf } from './checks';
import { type Completion, pieces, type ServerEvent } from './completion';
import { modelError } from './errors';
import { messagesOf, type Prompt } from './prompt';
import type { ToolCall } from './tools';

/**
 * @throws ModelError 400 for a setting that the model does not know, when there is no message, or calls of tools and
 *   their outcomes do not belong together
 */
export function chatPrompt(body: Record<string, unknown>): Prompt {
  checkSettings(body);
  if (!Array.isArray(body.messages) || body.messages.length === 0) {
    const text = "Missing required parameter: 'messages'.";
    throw modelError(400, text, { param: 'messages', code: 'missing_required_parameter' });
  }
  const tools = offeredTools(body, 'function');
  checkOutcomes(body.messages as Message[]);
  return { messages: messagesOf(body.messages), tools, toolChoice: toolChoiceOf(body, tools) };
}

interface Message {
  role?: unknown;
  tool_call_id?: unknown;
  tool_calls?: { id?: unknown }[] | null;
}

/** Each call of a tool is answered right behind the message that asks for it, and nothing else is. */
function checkOutcomes(messages: Message[]): void {
  let open = new Set<unknown>();
  const refuse = (text: string, index: number) =>
    modelError(400, text, { param: `messages.[${index}].role` });
  const missing = (index: number) =>
    refuse(
      `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${[...open].join(', ')}`,
      index,
    );
  for (const [index, { role, tool_call_id, tool_calls }] of messages.entries()) {
    if (role === 'tool') {
      if (open.delete(tool_call_id)) continue;
      const text =
        "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.";
      throw refuse(text, index);
    }
    if (open.size > 0) throw missing(index);
    open = new Set(role === 'assistant' ? tool_calls?.map(({ id }) => id) : []);
  }
  if (open.size > 0) throw missing(messages.length);
}

/** A call as a message carries it. */
const asked = ({ id, name, arguments: text }: ToolCall) => ({
  id,
  type: 'function',
  function: { name, arguments: text },
});

const finishReason = ({ calls }: Completion) => (calls.length > 0 ? 'tool_calls' : 'stop');

/** The answer of `POST /v1/chat/completions`. */
export function chatCompletion(completion: Completion): unknown {
  const { id, created, model, content, calls, usage } = completion;
  const message = {
    role: 'assistant',
    content,
    ...(calls.length > 0 && { tool_calls: calls.map(asked) }),
    refusal: null,
    annotations: [],
  };
  return {
    id: `chatcmpl-${id}`,
    object: 'chat.completion',
    created,
    model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason(completion) }],
    usage: {
      prompt_tokens: usage.input,
      completion_tokens: usage.output,
      total_tokens: usage.input + usage.output,
    },
    service_tier: 'default',
    system_fingerprint: 'fp_simulator',
  };
}

/** The answer of `POST /v1/chat/completions` with `stream`, as events. */
export function chatCompletionEvents(completion: Completion, withUsage: boolean): ServerEvent[] {
  const { id, created, model, content, calls, usage } = completion;
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
  const called = calls.flatMap((call, index) => {
    const begun = { index, ...asked({ ...call, arguments: '' }) };
    const written = pieces(call.arguments).map((text) => ({
      index,
      function: { arguments: text },
    }));
    return [begun, ...written].map((piece) => chunk(choice({ tool_calls: [piece] })));
  });
  return [
    chunk(choice({ role: 'assistant', content: calls.length > 0 ? null : '', refusal: null })),
    ...pieces(content).map((piece) => chunk(choice({ content: piece }))),
    ...called,
    chunk(choice({}, finishReason(completion))),
    ...(withUsage ? [chunk([], counted)] : []),
    { data: '[DONE]' },
  ];
}
