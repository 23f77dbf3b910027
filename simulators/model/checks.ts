import { modelError } from './errors';
import type { Tool } from './prompt';

/** @throws ModelError 400 for anything but a JSON object */
export function parseBody(rawBody: string): Record<string, unknown> {
  const refuse = () =>
    modelError(400, 'We could not parse the JSON body of your request.', { code: 'invalid_json' });
  let body: unknown;
  try {
    body = JSON.parse(rawBody);
  } catch {
    throw refuse();
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw refuse();
  return body as Record<string, unknown>;
}

/** @throws ModelError 400 when no model is named, 404 when there is none of that name */
export function requireModel(model: unknown, models: readonly string[]): string {
  if (typeof model !== 'string' || model === '') {
    throw modelError(400, 'you must provide a model parameter', { param: 'model' });
  }
  if (!models.includes(model)) {
    const text = `The model \`${model}\` does not exist or you do not have access to it.`;
    throw modelError(404, text, { code: 'model_not_found' });
  }
  return model;
}

/** Models that think before they answer. */
const REASONING = /^(o\d|gpt-5)/;

/** @throws ModelError 400 for a setting that a reasoning model does not know in chat completions */
export function checkSettings({ model, temperature, max_tokens }: Record<string, unknown>) {
  if (!REASONING.test(String(model))) return;
  if (max_tokens !== undefined && max_tokens !== null) {
    const text =
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
    throw modelError(400, text, { param: 'max_tokens', code: 'unsupported_parameter' });
  }
  if (temperature !== undefined && temperature !== null && temperature !== 1) {
    const text = `Unsupported value: 'temperature' does not support ${String(temperature)} with this model. Only the default (1) value is supported.`;
    throw modelError(400, text, { param: 'temperature', code: 'unsupported_value' });
  }
}

const TOOL_NAME = /^[a-zA-Z0-9_-]{1,64}$/;

/**
 * The functions that a request offers.
 *
 * @param at where a tool holds its function: in `function` (chat completions), or `itself` (responses)
 * @throws ModelError 400 for a tool without a name, or with one that is not allowed
 */
export function offeredTools(body: Record<string, unknown>, at: 'function' | 'itself'): Tool[] {
  const offered = Array.isArray(body.tools) ? (body.tools as Record<string, unknown>[]) : [];
  const functions = offered.flatMap((tool, index) =>
    tool.type === 'function' ? [{ tool, index }] : [],
  );
  return functions.map(({ tool, index }) => {
    const path = at === 'function' ? `tools[${index}].function.name` : `tools[${index}].name`;
    const { name, description, parameters } = (
      at === 'function' ? (tool.function ?? {}) : tool
    ) as Record<string, unknown>;
    if (typeof name !== 'string') {
      const text = `Missing required parameter: '${path}'.`;
      throw modelError(400, text, { param: path, code: 'missing_required_parameter' });
    }
    if (!TOOL_NAME.test(name)) {
      const text = `Invalid '${path}': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`;
      throw modelError(400, text, { param: path, code: 'invalid_value' });
    }
    return {
      name,
      description: typeof description === 'string' ? description : '',
      parameters: (parameters ?? {}) as Record<string, unknown>,
    };
  });
}

/** @throws ModelError 400 when a tool is demanded that is not offered */
export function toolChoiceOf({ tool_choice }: Record<string, unknown>, tools: Tool[]): string {
  if (tool_choice === undefined || tool_choice === null) return tools.length > 0 ? 'auto' : 'none';
  const named = tool_choice as { name?: unknown; function?: { name?: unknown } };
  const choice =
    typeof tool_choice === 'string' ? tool_choice : (named.function?.name ?? named.name);
  const known = ['auto', 'none', 'required', ...tools.map(({ name }) => name)];
  if (
    typeof choice === 'string' &&
    known.includes(choice) &&
    (tools.length > 0 || choice === 'none')
  ) {
    return choice;
  }
  const text =
    tools.length > 0
      ? `Tool choice '${String(choice)}' not found in 'tools' parameter.`
      : "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.";
  throw modelError(400, text, { param: 'tool_choice' });
}
