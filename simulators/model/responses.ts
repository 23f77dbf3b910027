import { type Completion, pieces, type ServerEvent } from './completion';
import { modelError } from './errors';
import { type Prompt, toPrompt } from './prompt';

/** @throws ModelError 400 when there is no input */
export function responsesPrompt(body: Record<string, unknown>): Prompt {
  const { input, instructions } = body;
  if ((typeof input !== 'string' && !Array.isArray(input)) || input.length === 0) {
    const text = "Missing required parameter: 'input'.";
    throw modelError(400, text, { param: 'input', code: 'missing_required_parameter' });
  }
  return toPrompt(input, instructions);
}

const textPart = (text: string) => ({ type: 'output_text', text, annotations: [], logprobs: [] });

const message = (id: string, status: string, content: unknown[]) => ({
  id: `msg_${id}`,
  type: 'message',
  status,
  role: 'assistant',
  content,
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

/** The answer of `POST /v1/responses`. Without content its output is empty. */
export function modelResponse(completion: Completion): unknown {
  const { id, content, usage } = completion;
  const output = content === null ? [] : [message(id, 'completed', [textPart(content)])];
  return envelope(completion, 'completed', output, {
    input_tokens: usage.input,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: usage.output,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: usage.input + usage.output,
  });
}

/** The same answer as the events of a stream, numbered in their order. */
export function modelResponseEvents(completion: Completion): ServerEvent[] {
  const { id, content } = completion;
  const begun = { response: envelope(completion, 'in_progress', [], null) };
  const at = { item_id: `msg_${id}`, output_index: 0, content_index: 0 };
  const text = content ?? '';
  const written: [string, object][] = [
    ['response.output_item.added', { output_index: 0, item: message(id, 'in_progress', []) }],
    ['response.content_part.added', { ...at, part: textPart('') }],
    ...pieces(content).map((delta): [string, object] => [
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
  const all: [string, object][] = [
    ['response.created', begun],
    ['response.in_progress', begun],
    ...(content === null ? [] : written),
    ['response.completed', { response: modelResponse(completion) }],
  ];
  return all.map(([type, fields], sequence_number) => ({
    event: type,
    data: JSON.stringify({ type, sequence_number, ...fields }),
  }));
}
