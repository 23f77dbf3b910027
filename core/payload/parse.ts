import { idOrNull, isObject, text as asText } from '../values';
import { comparableEmail, personIdOrNull } from '../identity';
import { withoutReasoning } from '../text/reasoning';
import { oneLine, shorten, visible } from '../text/visible';
import { fingerprint } from './fingerprint';
import { webAddress } from './urls';
import type { Action, ParsedFrame, SessionBatch, SkipReason } from './types';

/** What to assume if a frame does not say it. */
interface ParseDefaults {
  /** For frames that name no product, e.g. the last part of the stream's URL. */
  productId: string;
  /** For frames that do not say when they were forwarded. Epoch seconds. */
  receivedAt: number;
  /**
   * Identifies the frame, with the same value each time it is delivered. Without it, a frame without a time counts
   * as another one each time.
   */
  delivery?: string;
}

/** Longer texts are cut. No real one is longer, and it bounds the memory that is used. */
export const MAX_TEXT = 2_000;
const MAX_SUMMARY = 20_000;
const MAX_SIGNAL = 40;

type Fields = Record<string, unknown>;

/**
 * Reads the JSON text of one frame of the stream, an `actions` or `summary` event of Autoplay. Never throws:
 * counts what it skips.
 */
export function parseFrameText(text: string, defaults: ParseDefaults): ParsedFrame {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return skip('broken_json');
  }
  return parseFrame(value, defaults);
}

/** Reads a frame that is parsed already, such as the JSON of an n8n item. See {@link parseFrameText}. */
export function parseFrame(value: unknown, defaults: ParseDefaults): ParsedFrame {
  if (!isObject(value)) return skip('not_an_object');
  if (value.type === 'summary') return parseSummary(value, defaults);
  // Items that users build by hand often have actions but no type.
  if (value.type === 'actions' || (value.type === undefined && Array.isArray(value.actions))) {
    return parseActions(value, defaults);
  }
  return skip('unknown_type');
}

function parseSummary(frame: Fields, defaults: ParseDefaults): ParsedFrame {
  const whose = whoseOf(frame);
  const session = sessionOf(whose);
  const summary = prose(frame.summary);
  if (session === undefined) return skip('no_session');
  if (summary === '') return skip('empty');
  const replaces = Math.max(0, Math.floor(number(frame.replaces) ?? 0));
  const batch = emptyBatch(frame, session, whose, defaults);
  const forwarded_at = number(frame.forwarded_at) ?? 0;
  batch.summaries = [{ summary, replaces, forwarded_at, position: 0 }];
  return { batches: [batch], skipped: {} };
}

function parseActions(frame: Fields, defaults: ParseDefaults): ParsedFrame {
  const skipped: ParsedFrame['skipped'] = {};
  const sorting: Sorting = { frame, own: whoseOf(frame), defaults };
  const actions: unknown[] = Array.isArray(frame.actions) ? frame.actions : [];
  const summaries: unknown[] | undefined = Array.isArray(frame.summaries)
    ? frame.summaries
    : undefined;
  if (actions.length === 0 && !summaries) count(skipped, 'empty');
  for (let position = 0; position < actions.length; position += 1) {
    const reason = sortAction(actions[position], position, sorting);
    if (reason) count(skipped, reason);
  }
  // Items of the trigger have stream summaries beside the actions.
  if (summaries) {
    const batch = batchOf(sorting.own, sorting);
    if (batch) batch.summaries = summaries.flatMap((raw) => readStreamSummary(raw, batch.count));
    else count(skipped, 'no_session');
  }
  const { first, more } = sorting;
  // Most frames have one session. Pushing into an empty array would reserve room for sixteen more.
  const batches = first ? [first] : [];
  if (more) batches.push(...more.values());
  return { batches, skipped };
}

function count(skipped: ParsedFrame['skipped'], reason: SkipReason): void {
  skipped[reason] = (skipped[reason] ?? 0) + 1;
}

/** The state of sorting one frame's actions into batches. */
interface Sorting {
  frame: Fields;
  /** Whose actions they are, if they do not say it themselves. */
  own: Whose;
  defaults: ParseDefaults;
  /** The batch of the session that is named first. Nearly all frames have only one. */
  first?: SessionBatch;
  more?: Map<string, SessionBatch>;
}

/** Puts the action into its batch, or returns why not. */
function sortAction(raw: unknown, position: number, sorting: Sorting): SkipReason | undefined {
  if (!isObject(raw)) return 'bad_action';
  const action = readAction(raw, position, sorting);
  if (!action) return 'bad_action';
  const batch = batchOf(whoseAction(raw, sorting.own), sorting);
  if (!batch) return 'no_session';
  action.index = batch.actions.length;
  // Most batches have one action. Pushing it into an empty array would reserve room for sixteen more.
  if (batch.count === 0) batch.actions = [action];
  else batch.actions.push(action);
  batch.count = batch.actions.length;
  // If only the actions say who acts, the first that does counts for the batch.
  batch.user_id ??= action.user_id ?? null;
  if (!action.user_id || action.user_id === batch.user_id) batch.email ??= action.email ?? null;
  batch.conversation_id ??= action.conversation_id ?? null;
  return undefined;
}

/** Whose action it is. An action may name another session or visitor than its frame. */
function whoseAction(raw: Fields, own: Whose): Whose {
  const sessionId = personId(raw.session_id);
  if (sessionId !== undefined) return { ...own, sessionId };
  if (own.sessionId !== undefined) return own;
  const userId = personId(raw.user_id);
  const email = personId(raw.email);
  return { sessionId, userId: userId ?? own.userId, email: email ?? own.email };
}

/** The batch of a session, created if it is new; undefined if nothing says which session it is. */
function batchOf(whose: Whose, sorting: Sorting): SessionBatch | undefined {
  const { frame, defaults, first, more } = sorting;
  const session = sessionOf(whose);
  if (session === undefined) return undefined;
  const known = first?.session_id === session ? first : more?.get(session);
  if (known) return known;
  const batch = emptyBatch(frame, session, whose, defaults);
  if (first) (sorting.more ??= new Map<string, SessionBatch>()).set(session, batch);
  else sorting.first = batch;
  return batch;
}

/** @param actions how many actions the batch has, and so the last place at which the summary can have arrived */
function readStreamSummary(raw: unknown, actions: number) {
  if (!isObject(raw)) return [];
  const summary = prose(raw.summary);
  if (summary === '') return [];
  return {
    summary,
    replaces: Math.max(0, Math.floor(number(raw.replaces) ?? 0)),
    forwarded_at: number(raw.forwarded_at) ?? 0,
    position: Math.min(actions, Math.max(0, Math.floor(number(raw.position) ?? 0))),
  };
}

function readAction(
  raw: Fields,
  position: number,
  { frame, defaults }: Sorting,
): Action | undefined {
  const raw_url = text(raw.raw_url);
  const action: Action = {
    index: position,
    type: text(raw.type),
    title: text(raw.title),
    description: text(raw.description),
    timestamp_start: number(raw.timestamp_start),
    timestamp_end: number(raw.timestamp_end),
    raw_url,
    // Often both are the same, and then one of them need not be kept.
    canonical_url: raw.canonical_url === raw.raw_url ? raw_url : text(raw.canonical_url),
    action_id: '',
  };
  const says = action.title || action.description || action.canonical_url || action.raw_url;
  if (!says && !action.type) return undefined;
  const userId = personId(raw.user_id);
  const email = personId(raw.email);
  const conversationId = personId(raw.conversation_id);
  if (userId) action.user_id = userId;
  if (email) action.email = email;
  if (conversationId) action.conversation_id = conversationId;
  const signal = raw.signal === undefined ? '' : oneLine(text(raw.signal, MAX_SIGNAL));
  if (signal) action.signal = signal;
  // An item of the trigger has identities already, made when its batch arrived.
  action.action_id = id(raw.action_id) ?? identify(action, frame, position, defaults);
  return action;
}

/**
 * The identity of an action: its batch, its place in the batch, and its content. A batch that is delivered twice gives
 * the same identities, while two equal clicks, in one batch or in two, remain two actions.
 */
function identify(
  action: Action,
  frame: Fields,
  position: number,
  defaults: ParseDefaults,
): string {
  const { type, title, description, timestamp_start, timestamp_end, raw_url } = action;
  // If the frame has no time, the action's own is used. If neither has one, only the delivery tells equal
  // actions apart, because storing one twice is better than losing one.
  const when =
    number(frame.forwarded_at) ??
    (timestamp_start === null ? (defaults.delivery ?? defaults.receivedAt) : null);
  // Texts hold no null bytes, so one between two parts keeps them apart.
  return fingerprint(
    `${when}\0${position}\0${type}\0${title}\0${description}\0${timestamp_start}\0${timestamp_end}\0${raw_url}\0${action.canonical_url}`,
  );
}

/** Whose actions they are, as far as it is known. */
interface Whose {
  sessionId: string | undefined;
  userId: string | undefined;
  email: string | undefined;
}

function whoseOf(frame: Fields): Whose {
  return {
    sessionId: personId(frame.session_id),
    userId: personId(frame.user_id),
    email: personId(frame.email),
  };
}

/**
 * The session's id. Without one, a visitor who is known by user id or address still has a session of their own.
 * Undefined for an unknown visitor, because visitors must never share a session.
 */
function sessionOf({ sessionId, userId, email }: Whose): string | undefined {
  if (sessionId !== undefined) return sessionId;
  if (userId !== undefined) return id(`user:${userId}`);
  return email === undefined ? undefined : id(`email:${comparableEmail(email)}`);
}

function emptyBatch(
  frame: Fields,
  session: string,
  { userId, email }: Whose,
  defaults: ParseDefaults,
): SessionBatch {
  const batch: SessionBatch = {
    type: 'actions',
    product_id: id(frame.product_id) ?? defaults.productId,
    session_id: session,
    user_id: userId ?? null,
    email: email ?? null,
    conversation_id: personId(frame.conversation_id) ?? null,
    actions: [],
    count: 0,
    forwarded_at: number(frame.forwarded_at) ?? defaults.receivedAt,
  };
  if (frame.signed_in === true) batch.signed_in = true;
  const projectUrl = frame.project_url === undefined ? null : webAddress(frame.project_url);
  if (projectUrl) batch.project_url = projectUrl;
  return batch;
}

function skip(reason: SkipReason): ParsedFrame {
  return { batches: [], skipped: { [reason]: 1 } };
}

function text(value: unknown, max = MAX_TEXT): string {
  return asText(typeof value === 'string' ? shorten(value, max) : value);
}

/** A summary, cleaned for reading. Titles are cleaned where they are shown. */
function prose(value: unknown): string {
  const said = typeof value === 'string' ? withoutReasoning(value) : value;
  return visible(text(said, MAX_SUMMARY)).trim();
}

function id(value: unknown): string | undefined {
  // Most actions do not say whose they are.
  if (value === undefined || value === null) return undefined;
  return idOrNull(value) ?? undefined;
}

/** The id of a user, session or conversation, or an email address; undefined also for a placeholder. */
function personId(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return personIdOrNull(value) ?? undefined;
}

function number(value: unknown): number | null {
  if (typeof value === 'string' && value.trim() !== '') return number(Number(value));
  // Adding 0 turns a negative zero into 0, as JSON does.
  return typeof value === 'number' && Number.isFinite(value) ? value + 0 : null;
}
