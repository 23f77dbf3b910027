import { offeredTools, toolChoiceOf } from './checks';
import { type Completion, pieces, type ServerEvent } from './completion';
import { modelError } from './errors';
import { messagesOf, type Prompt } from './prompt';
import type { ToolCall } from './tools';

/** @throws ModelError 400 when there is no input, or calls of tools and their outcomes do not belong together */
export function responsesPrompt(body: Record<string, unknown>): Prompt {
  const { input, instructions } = body;
  if ((typeof input !== 'string' && !Array.isArray(input)) || input.length === 0) {
    const text = "Missing required parameter: 'input'.";
    throw modelError(400, text, { param: 'input', code: 'missing_required_parameter' });
  }
  const tools = offeredTools(body, 'itself');
  if (Array.isArray(input)) checkOutcomes(input as Item[]);
  const messages = messagesOf(input, instructions);
  return { messages, tools, toolChoice: toolChoiceOf(body, tools) };
}

interface Item {
  type?: unknown;
  call_id?: unknown;
}

function checkOutcomes(items: Item[]): void {
  const idsOf = (type: string) =>
    items.flatMap((item) => (item.type === type ? [item.call_id] : []));
  const called = idsOf('function_call');
  const answered = idsOf('function_call_output');
  const refuse = (text: string) => modelError(400, text, { param: 'input' });
  for (const id of answered) {
    if (!called.includes(id)) {
      throw refuse(`No tool call found for function call output with call_id ${String(id)}.`);
    }
  }
  for (const id of called) {
    if (!answered.includes(id)) {
      throw refuse(`No tool output found for function call ${String(id)}.`);
    }
  }
}

const textPart = (text: string) => ({ type: 'output_text', text, annotations: [], logprobs: [] });

const message = (id: string, status: string, content: unknown[]) => ({
  id: `msg_${id}`,
  type: 'message',
  status,
  role: 'assistant',
  content,
});

const functionCall = ({ id, name }: ToolCall, status: string, text: string) => ({
  id: id.replace('call', 'fc'),
  type: 'function_call',
  status,
  call_id: id,
  name,
  arguments: text,
});

function envelope(completion: Completion, status: string, output: unknown[], usage: unknown) {
  return {
    id: `resp_${completion.id}`,
    object: 'response',
    created_at: completion.created,
    status,
    error: null,
    incomplete_details: null,
    instructions: null,
    max_output_tokens: null,
    model: completion.model,
    output,
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: null, summary: null },
    store: true,
    temperature: 1,
    text: { format: { type: 'text' } },
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    truncation: 'disabled',
    usage,
    user: null,
    metadata: {},
  };
}

/** The answer of `POST /v1/responses`. Without content and calls its output is empty. */
export function modelResponse(completion: Completion): unknown {
  const { id, content, calls, usage } = completion;
  const output = [
    ...(content === null ? [] : [message(id, 'completed', [textPart(content)])]),
    ...calls.map((call) => functionCall(call, 'completed', call.arguments)),
  ];
  return envelope(completion, 'completed', output, {
    input_tokens: usage.input,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: usage.output,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: usage.input + usage.output,
  });
}

type Event = [type: string, fields: object];

/** The answer of `POST /v1/responses` with `stream`, as events numbered in their order. */
export function modelResponseEvents(completion: Completion): ServerEvent[] {
  const { id, content, calls } = completion;
  const begun = { response: envelope(completion, 'in_progress', [], null) };
  const said = content === null ? [] : textEvents(id, content);
  const asked = calls.flatMap((call, i) => callEvents(call, (content === null ? 0 : 1) + i));
  const all: Event[] = [
    ['response.created', begun],
    ['response.in_progress', begun],
    ...said,
    ...asked,
    ['response.completed', { response: modelResponse(completion) }],
  ];
  return all.map(([type, fields], sequence_number) => ({
    event: type,
    data: JSON.stringify({ type, sequence_number, ...fields }),
  }));
}

function textEvents(id: string, text: string): Event[] {
  const at = { item_id: `msg_${id}`, output_index: 0, content_index: 0 };
  return [
    ['response.output_item.added', { output_index: 0, item: message(id, 'in_progress', []) }],
    ['response.content_part.added', { ...at, part: textPart('') }],
    ...pieces(text).map((delta): Event => [
      'response.output_text.delta',
      { ...at, delta, logprobs: [] },
    ]),
    ['response.output_text.done', { ...at, text, logprobs: [] }],
    ['response.content_part.done', { ...at, part: textPart(text) }],
    [
      'response.output_item.done',
      { output_index: 0, item: message(id, 'completed', [textPart(text)]) },
    ],
  ];
}

function callEvents(call: ToolCall, output_index: number): Event[] {
  const whole = functionCall(call, 'completed', call.arguments);
  const at = { item_id: whole.id, output_index };
  return [
    ['response.output_item.added', { output_index, item: functionCall(call, 'in_progress', '') }],
    ...pieces(call.arguments).map((delta): Event => [
      'response.function_call_arguments.delta',
      { ...at, delta },
    ]),
    [
      'response.function_call_arguments.done',
      { ...at, name: call.name, arguments: call.arguments },
    ],
    ['response.output_item.done', { output_index, item: whole }],
  ];
}
