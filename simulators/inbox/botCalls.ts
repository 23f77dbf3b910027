import type { Conversation, CrispSimulator, Message } from '../crisp';
import { chatPart, type ModelRequest, type ModelSimulator } from '../model';

/** The call to the model that produced an answer. Plain JSON. */
export interface BotCall {
  /** When the model was asked, epoch milliseconds. */
  at: number;
  /** The part of the prompt about the visitor's activity; null when the prompt has no such part. */
  activity: string | null;
  /** The whole prompt. */
  messages: { role: string; text: string }[];
}

/** The call behind each answer, by conversation and message. */
export type KnownCalls = Record<string, Record<string, BotCall>>;

export interface BotCalls {
  /** Undefined for messages that a person wrote, and where the call is not certain. */
  of(sessionId: string, fingerprint: number): BotCall | undefined;
  snapshot(): KnownCalls;
  /** Adds the calls that an earlier run has saved. */
  restore(known: KnownCalls): void;
  stop(): void;
}

/** A question of this length may have been cut when it went into the prompt. */
const CUT = 3_900;
/** The head of Autoplay's text form of a list of actions. */
const SESSION = /^Session (.+) — \d+ actions$/m;

/**
 * Finds the call behind each answer at the moment the bot sends it. Crisp does not say where an
 * operator's message comes from, so the model's journal decides: see {@link callBehind}.
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
 * The request whose answer is an operator's message. Its answer equals the message, its question equals
 * one that this visitor wrote, and it was made between the two. Two visitors may ask the same and get
 * the same answer; then the request that names this conversation's session is used. Undefined if
 * several requests that differ are left.
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
    ({ prompt }) =>
      SESSION.exec(chatPart(prompt)?.activity ?? '')?.[1] === meta.data.posthog_session_id,
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
  // The workflow's author has written another prompt.
  return bare(prompt.messages.findLast(({ role }) => role === 'user')?.text).includes(written);
}

/**
 * A text without what differs between the model's words and the chat's: spaces, invisible characters,
 * and the signs that replace angle brackets in fenced data.
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

function botCall({ at, prompt }: ModelRequest): BotCall {
  return { at, activity: chatPart(prompt)?.activity ?? null, messages: prompt.messages };
}
