import { ServiceError } from '../http/errors';

/** Settings that some models do not know: reasoning models have no temperature, and the newer name of the limit. */
export type Refusable = 'temperature' | 'max_tokens' | 'max_completion_tokens';

/** The settings that models have refused, by server and name. */
export type Refusals = Map<string, Set<Refusable>>;

/** The limit's names in the order to try. OpenAI's newer models refuse the older name; many other servers know only that. */
export function limitNames(baseUrl: string): Refusable[] {
  const { hostname } = new URL(baseUrl);
  return hostname === 'openai.com' || hostname.endsWith('.openai.com')
    ? ['max_completion_tokens', 'max_tokens']
    : ['max_tokens', 'max_completion_tokens'];
}

/** Words about a value out of range, or about a request that is too large: the setting itself is known. */
const OTHER_VALUE =
  /too[ _](?:large|long|small|high|low|many)|above|below|exceed|maximum|minimum|at (?:most|least)|(?:less|greater|smaller|larger) than|between|range|context/i;
/** Words about a setting that is not known, also if they name the only value that is accepted. */
const NO_VALUE =
  /unsupported|not support|n.t support|only [^.]{0,40}(?:supported|allowed)|deprecated|incompatible|unrecogni[sz]ed|not (?:permitted|allowed)/i;

/**
 * The settings that a refusal names as unknown to the model; none for any other error. Servers have many words for it,
 * but all name the setting.
 *
 * @param asked the settings that were sent
 */
export function refusedBy(error: unknown, asked: readonly Refusable[]): Refusable[] {
  if (!(error instanceof ServiceError) || ![400, 422].includes(error.status)) return [];
  const { code, message, param } = error;
  const said = `${code} ${message}`;
  if (OTHER_VALUE.test(said) && !NO_VALUE.test(said)) return [];
  const named = asked.filter((name) => param === name);
  return named.length > 0 ? named : asked.filter((name) => names(message, name));
}

/** Whether a text contains the name, not as a part of a longer one. */
function names(text: string, name: string): boolean {
  return new RegExp(`(?<![a-z_])${name}(?![a-z_])`, 'i').test(text);
}
