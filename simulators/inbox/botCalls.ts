import type { Conversation, CrispSimulator, Message } from '../crisp';
import { chatPart, type ModelRequest, type ModelSimulator } from '../model';
import { type ActivityRecord, readRecord } from './record';

/** The call to the model that an answer came from. Plain JSON. */
export interface BotCall {
  /** When the model was asked, epoch milliseconds. */
  at: number;
  model: string;
  /** What the prompt told of the visitor's activity; null when it has no place for that. */
  record: ActivityRecord | null;
  /** The whole prompt. */
  messages: { role: string; text: string }[];
}

/** Which call each answer came from, by conversation and message. */
export type KnownCalls = Record<string, Record<string, BotCall>>;

export interface BotCalls {
  /** Undefined for what a person wrote, and where it cannot be told for certain. */
  of(sessionId: string, fingerprint: number): BotCall | undefined;
  snapshot(): KnownCalls;
  /** Puts back what is known of the answers of an earlier run. */
  restore(known: KnownCalls): void;
  stop(): void;
}

/** A question in a prompt that is as long as this may have been cut. */
const CUT = 3_900;

/**
 * Finds the call behind each answer at the moment when the answer is sent. The chat product does not
 * say where an operator's message comes from, so the journal of the model decides: see {@link callBehind}.
 */
export function watchAnswers(
  crisp: Pick<CrispSimulator, 'onChange'>,
  model: Pick<ModelSimulator, 'requests'>,
): BotCalls {
  const known = new Map<string, Map<string, BotCall>>();
  /** A call has one answer. */
  const taken = new WeakSet<ModelRequest>();
  const stop = crisp.onChange((change) => {
    if (change.kind !== 'message') return;
    const { conversation, message } = change;
    if (message.from !== 'operator' || message.type !== 'text') return;
    const free = model.requests.filter((request) => !taken.has(request));
    const request = callBehind(message, conversation, free);
    if (!request) return;
    taken.add(request);
    const id = conversation.session_id;
    const calls = known.get(id) ?? new Map<string, BotCall>();
    known.set(id, calls.set(String(message.fingerprint), botCall(request)));
  });
  return {
    of: (sessionId, fingerprint) => known.get(sessionId)?.get(String(fingerprint)),
    snapshot: () =>
      Object.fromEntries([...known].map(([id, calls]) => [id, Object.fromEntries(calls)])),
    restore(kept) {
      for (const [id, calls] of Object.entries(kept)) known.set(id, new Map(Object.entries(calls)));
    },
    stop,
  };
}

/**
 * The request that an operator's message is the answer to: its answer is word for word the message,
 * its question is word for word what this visitor wrote, and it was made between the two. Two
 * visitors may ask the same and be told the same; then the request that names the session of this
 * conversation is the one. If that leaves several that differ, there is no saying, and it is undefined.
 */
function callBehind(
  reply: Message,
  { messages, meta }: Pick<Conversation, 'messages' | 'meta'>,
  requests: readonly ModelRequest[],
): ModelRequest | undefined {
  const questions = messages.filter(({ from, type }) => from === 'user' && type === 'text');
  const fitting = requests.filter(
    (request) =>
      request.answer !== null &&
      request.at <= reply.timestamp &&
      bare(request.answer) === bare(reply.content) &&
      questions.some((question) => question.timestamp <= request.at && asks(request, question)),
  );
  if (areAlike(fitting)) return fitting.at(-1);
  const named = fitting.filter(
    ({ prompt }) => recordIn(prompt)?.sessionId === meta.data.posthog_session_id,
  );
  return areAlike(named) ? named.at(-1) : undefined;
}

function asks({ prompt }: ModelRequest, { content }: Message): boolean {
  const written = bare(content);
  const fenced = chatPart(prompt)?.message;
  if (written === '') return false;
  if (fenced !== undefined) {
    // A very long message is cut before it goes into the prompt.
    return fenced.length < CUT ? bare(fenced) === written : written.startsWith(bare(fenced));
  }
  // Somebody has written a prompt of their own.
  return bare(prompt.messages.findLast(({ role }) => role === 'user')?.text).includes(written);
}

/**
 * A text without what differs between the model's words and the chat's: spaces, invisible characters,
 * and the signs that stand in for angle brackets where data is fenced.
 */
function bare(text: unknown): string {
  const plain = typeof text === 'string' ? text : '';
  return plain
    .replace(/[\s\p{C}]/gu, '')
    .replaceAll('‹', '<')
    .replaceAll('›', '>');
}

const areAlike = (requests: readonly ModelRequest[]): boolean =>
  new Set(requests.map(({ prompt }) => JSON.stringify(prompt))).size <= 1;

function botCall({ at, model, prompt }: ModelRequest): BotCall {
  return { at, model, record: recordIn(prompt) ?? null, messages: prompt.messages };
}

function recordIn(prompt: ModelRequest['prompt']): ActivityRecord | undefined {
  const activity = chatPart(prompt)?.activity;
  return activity === undefined ? undefined : readRecord(activity);
}
