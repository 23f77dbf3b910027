import { checkContent, messageType } from './content';
import { invalid } from './errors';
import type { Draft } from './store';
import type { Message } from './types';

/**
 * The message in the body of a send. A token may also write as the visitor.
 *
 * @param websiteName the author of an operator's message that names none
 * @throws ApiError 400 for what is missing or wrong
 */
export function draftOf(
  body: Record<string, unknown>,
  sessionId: string,
  websiteName: string,
): Draft {
  const type = messageType(body.type);
  const from = sender(body.from);
  const { origin } = body;
  if (typeof origin !== 'string' || !/^(chat|email|urn:.+)$/.test(origin)) {
    throw invalid('origin must be chat, email or a URN');
  }
  const content = checkContent(type, body.content);
  const fingerprint = optional(body, 'fingerprint', 'number');
  const timestamp = optional(body, 'timestamp', 'number');
  const automated = optional(body, 'automated', 'boolean');
  const stealth = optional(body, 'stealth', 'boolean');
  const usual: Message['user'] =
    from === 'user' ? { user_id: sessionId } : { type: 'website', nickname: websiteName };
  return {
    type,
    from,
    origin,
    content,
    user: author(body.user) ?? usual,
    ...(fingerprint !== undefined && { fingerprint }),
    ...(timestamp !== undefined && { timestamp }),
    ...(automated !== undefined && { automated }),
    ...(stealth !== undefined && { stealth }),
  };
}

/** @throws ApiError 400 for any other sender than `user` and `operator` */
export function sender(from: unknown): 'user' | 'operator' {
  if (from === 'user' || from === 'operator') return from;
  throw invalid('from must be user or operator');
}

function author(user: unknown): Message['user'] | undefined {
  if (user === undefined) return undefined;
  if (typeof user !== 'object' || user === null) throw invalid('user must be an object');
  const given = user as Record<string, unknown>;
  const fields = ['type', 'user_id', 'nickname', 'avatar'] as const;
  const known = fields.flatMap((field): [string, string][] => {
    const value = optional(given, field, 'string');
    return value === undefined ? [] : [[field, value]];
  });
  return Object.fromEntries(known);
}

interface Kinds {
  number: number;
  boolean: boolean;
  string: string;
}

/** @throws ApiError 400 for a field of another kind; fingerprints and times are whole numbers */
export function optional<Kind extends keyof Kinds>(
  body: Record<string, unknown>,
  field: string,
  kind: Kind,
): Kinds[Kind] | undefined {
  const value = body[field];
  if (value === undefined) return undefined;
  if (typeof value !== kind || (kind === 'number' && !Number.isSafeInteger(value))) {
    throw invalid(`${field} must be a ${kind}`);
  }
  return value as Kinds[Kind];
}
