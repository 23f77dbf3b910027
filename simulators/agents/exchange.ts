import type { Clock } from '../../core/clock';

/** Where an agent asks, with the secret that its vendor or the site signs with. */
export interface AgentAddress {
  /** Of the server that is asked, whole. */
  url: string;
  secret: string;
}

/** What an agent asked about a visitor and what it was answered. Plain JSON. */
export interface Exchange {
  /** When it was asked, epoch milliseconds. */
  at: number;
  agent: 'Fin' | 'Hugo';
  /** What the visitor wrote, because of which the agent asks. */
  question: string;
  /** What of the request says whom it is about, and what proves that: header or claim, and its value. */
  identity: { name: string; value: string }[];
  /** Whether an attacker asked, without the secret. */
  forged: boolean;
  /** 0 when there was no answer within the vendor's patience, or none at all. */
  status: number;
  /** Milliseconds until the answer. */
  ms: number;
  /** The fields of the answer; null for a refusal and for what is no JSON object. */
  answer: Record<string, unknown> | null;
  /** The body as it came, for an answer without fields. */
  text: string;
}

/** Why an agent asks. */
export interface Occasion {
  question: string;
  /** Whether the request is an attacker's, who does not have the secret. */
  forged: boolean;
}

/** Intercom gives up after 15 s. Crisp's patience is not documented, and taken to be the same. */
const PATIENCE_MS = 15_000;

/** What an attacker has in place of a secret. */
export const guessed = (secret: string): string => 'x'.repeat(secret.length);

/** Posts JSON and reads the whole answer; status 0 when there is none in time. */
export async function post(
  url: string,
  headers: Record<string, string>,
  body: string,
  clock: Clock,
): Promise<Pick<Exchange, 'status' | 'ms' | 'text'>> {
  const began = clock.now();
  const abort = new AbortController();
  const cancel = clock.after(PATIENCE_MS, () => abort.abort());
  const answered = (status: number, text: string) => ({ status, text, ms: clock.now() - began });
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body,
      redirect: 'manual',
      signal: abort.signal,
    });
    return answered(response.status, await response.text());
  } catch {
    return answered(0, '');
  } finally {
    cancel();
  }
}

/** The fields of a text that is a JSON object, else null. */
export function fieldsOf(text: unknown): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(String(text));
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
