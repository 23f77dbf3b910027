import { apiError } from '../../http/apiError';
import { invalid } from './errors';

/** An input that a template asks for. */
interface InputSchema {
  key: string;
  type: 'string' | 'choice' | 'dictionary' | 'json' | 'boolean';
  required: boolean;
  secret?: boolean;
}

export type Inputs = Record<string, { value?: unknown; secret?: boolean }>;

export const TEMPLATE = 'template-webhook';

const INPUTS: readonly InputSchema[] = [
  { key: 'url', type: 'string', required: true },
  { key: 'method', type: 'choice', required: false },
  { key: 'body', type: 'json', required: false },
  { key: 'headers', type: 'dictionary', required: false },
  { key: 'debug', type: 'boolean', required: false },
];
const SIGNING: InputSchema = {
  key: 'signing_secret',
  type: 'string',
  required: false,
  secret: true,
};

/** The inputs of the webhook template. @param signs false as on a server of before August 2026 */
export function inputsSchema(signs: boolean): InputSchema[] {
  return signs ? [...INPUTS, SIGNING] : [...INPUTS];
}

const KINDS: Record<InputSchema['type'], (value: unknown) => boolean> = {
  string: (value) => typeof value === 'string',
  choice: (value) => ['POST', 'PUT', 'PATCH', 'GET', 'DELETE'].includes(value as string),
  dictionary: isRecord,
  json: (value) => isRecord(value) || Array.isArray(value),
  boolean: (value) => typeof value === 'boolean',
};

/**
 * The inputs that are kept of those given. What the schema does not name is dropped without a word.
 *
 * @param stored the inputs so far: a secret that comes back as its mask stays
 * @throws ApiError 400 for an input that is missing, of another kind or no valid template
 */
export function keptInputs(given: unknown, schema: readonly InputSchema[], stored: Inputs): Inputs {
  const inputs = isRecord(given) ? given : {};
  const kept: Inputs = {};
  for (const { key, type, required, secret } of schema) {
    const input = isRecord(inputs[key]) ? inputs[key] : {};
    if (secret && input.secret === true) {
      if (stored[key] === undefined) throw invalid(`inputs__${key}`, 'This field is required.');
      kept[key] = stored[key];
      continue;
    }
    const { value } = input;
    if (value === undefined || value === null || value === '') {
      if (required) throw invalid(`inputs__${key}`, 'This field is required.');
      continue;
    }
    if (!KINDS[type](value)) throw invalid(`inputs__${key}`, `Value must be a ${type}.`);
    // Two braces begin nothing that can be compiled.
    if (!secret && JSON.stringify(value).includes('{{')) {
      throw apiError(400, 'invalid_input', 'Invalid template', `inputs__${key}`);
    }
    kept[key] = { value };
  }
  return kept;
}

/** The inputs as they are shown: a stored secret only as the fact that there is one. */
export function shownInputs(inputs: Inputs, schema: readonly InputSchema[]): Inputs {
  const secrets = schema.filter(({ secret }) => secret).map(({ key }) => key);
  const shown = Object.entries(inputs).map(([key, input]): [string, Inputs[string]] =>
    secrets.includes(key) ? [key, { secret: true }] : [key, input],
  );
  return Object.fromEntries(shown);
}

/** A value with `{event}`, `{person.name}` and the like filled in. A text that is nothing else becomes the value itself. */
export function filled(value: unknown, globals: Record<string, unknown>): unknown {
  if (typeof value === 'string') {
    const whole = /^\{([\w.$]+)\}$/.exec(value)?.[1];
    if (whole !== undefined) return at(globals, whole) ?? null;
    return value.replace(/\{([\w.$]+)\}/g, (_, path: string) => said(at(globals, path)));
  }
  if (Array.isArray(value)) return value.map((one) => filled(one, globals));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, filled(one, globals)]));
}

function at(globals: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, key) => (isRecord(value) ? value[key] : undefined), globals);
}

function said(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export function isRecord(value: unknown): value is Record<string, any> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
