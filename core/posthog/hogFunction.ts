import { fields, isObject, list, numberOrNull, text } from '../values';

/** A destination of PostHog, which it calls a hog function, as far as it is used here. */
export interface HogFunction {
  id: string;
  name: string;
  description: string;
  enabled: boolean;
  /** What PostHog's watch over failing functions makes of it: see {@link STATE}; 0 if it does not say. */
  state: number;
  /** Where it posts to; '' if it has no such input. */
  url: string;
  /** The headers that it sends, by names in lower case. */
  headers: Readonly<Record<string, string>>;
  /** Whether PostHog has kept a signing secret, and so signs. Older versions drop it without a word. */
  signs: boolean;
  /** The names of the events that it sends; null stands for every event. */
  events: ReadonlyArray<string | null>;
  /** As PostHog gives them, to be sent back with changes. Secrets are masked. */
  inputs: Readonly<Record<string, unknown>>;
  /** As PostHog gives them. */
  filters: Readonly<Record<string, unknown>>;
}

/** States of a function that PostHog's watch has slowed down or switched off. */
export const STATE = { degraded: 2, disabled: 3, forciblyDisabled: 12 } as const;

/** Reads an answer. What is missing is empty. */
export function readFunction(answer: unknown): HogFunction {
  const { id, name, description, enabled, status, inputs, filters } = fields(answer);
  const given = isObject(inputs) ? inputs : {};
  const chosen = isObject(filters) ? filters : {};
  const headers = Object.entries(fields(valueOf(given.headers)));
  return {
    id: text(id),
    name: text(name),
    description: text(description),
    enabled: enabled === true,
    state: numberOrNull(fields(status).state) ?? 0,
    url: text(valueOf(given.url)),
    headers: Object.fromEntries(headers.map(([key, value]) => [key.toLowerCase(), text(value)])),
    signs: isKept(given.signing_secret),
    events: list(chosen.events).map((one) => {
      const { id: event } = fields(one);
      return event === null || event === undefined ? null : text(event);
    }),
    inputs: given,
    filters: chosen,
  };
}

function valueOf(input: unknown): unknown {
  return fields(input).value;
}

/** A secret reads back as `{"secret": true}`, and as its value from versions that did not mask it. */
function isKept(input: unknown): boolean {
  const { secret, value } = fields(input);
  return secret === true || (typeof value === 'string' && value !== '');
}
