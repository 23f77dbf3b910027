import { gunzipSync } from 'node:zlib';

/** An event as an SDK sends it. */
export interface SdkEvent {
  event: string;
  /** Default: the `distinct_id` among the properties. */
  distinct_id?: string;
  properties?: Record<string, unknown>;
  $set?: Record<string, unknown>;
  $set_once?: Record<string, unknown>;
  /** ISO 8601 by the client's clock. Default: now. */
  timestamp?: string;
  /** Milliseconds since it happened, from SDKs that keep no time of their own. */
  offset?: number;
  /** Default: a new one. */
  uuid?: string;
  /** The project's token, beside or among the properties. */
  token?: string;
  api_key?: string;
}

/** What a request to capture holds. */
export interface SdkBatch {
  events: SdkEvent[];
  /** The token of all of them; undefined if each has its own. */
  token: string | undefined;
  /** When the SDK sent it, by the client's clock, ISO 8601. */
  sentAt: string | undefined;
}

const MOST_BYTES = 20 * 1024 * 1024;

/**
 * Reads the body of a request to capture, in any of the forms that SDKs use: JSON, base64 in a form's field `data`,
 * and either of them compressed with gzip, whether a header or a parameter says so or only its first bytes.
 *
 * @throws Error for a body that is none of these
 */
export function readBatch(body: Buffer, query: URLSearchParams): SdkBatch {
  const parsed = parse(unpack(body).toString('utf8'));
  if (Array.isArray(parsed)) {
    return {
      events: parsed as SdkEvent[],
      token: undefined,
      sentAt: query.get('sent_at') ?? undefined,
    };
  }
  if (typeof parsed !== 'object' || parsed === null) throw new Error('no event');
  const { batch, api_key, token, sent_at } = parsed as Record<string, string | undefined>;
  return {
    events: (batch as unknown as SdkEvent[] | undefined) ?? [parsed as SdkEvent],
    token: api_key ?? token,
    sentAt: sent_at ?? query.get('sent_at') ?? undefined,
  };
}

function unpack(body: Buffer): Buffer {
  const compressed = body[0] === 0x1f && body[1] === 0x8b;
  return compressed ? gunzipSync(body, { maxOutputLength: MOST_BYTES }) : body;
}

function parse(text: string): unknown {
  const coded = /^data=/.test(text) ? new URLSearchParams(text).get('data')! : text;
  try {
    return JSON.parse(coded);
  } catch {
    // In a form, a plus sign means a space; base64 has none.
    return JSON.parse(Buffer.from(coded.replaceAll(' ', '+'), 'base64').toString('utf8'));
  }
}
