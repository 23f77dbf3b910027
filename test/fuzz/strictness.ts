import type { SessionBatch } from '../../core/payload/types';

type Check = (value: unknown) => boolean;

/** A text that every database can store, of at most `max` characters. */
const text =
  (max: number): Check =>
  (value) =>
    typeof value === 'string' &&
    value.length <= max &&
    !value.includes('\0') &&
    value.isWellFormed();
const id: Check = (value) => text(512)(value) && (value as string).trim() === value && value !== '';
const number: Check = (value) => Number.isFinite(value) && !Object.is(value, -0);
const whole: Check = (value) =>
  number(value) && (value as number) >= 0 && Math.floor(value as number) === value;
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);

const ACTION: Record<string, Check> = {
  index: whole,
  type: text(2_000),
  title: text(2_000),
  description: text(2_000),
  timestamp_start: orNull(number),
  timestamp_end: orNull(number),
  raw_url: text(2_000),
  canonical_url: text(2_000),
  user_id: optional(id),
  email: optional(id),
  conversation_id: optional(id),
  signal: optional((value) => text(40)(value) && value !== ''),
  action_id: id,
};

const SUMMARY: Record<string, Check> = {
  summary: (value) => text(20_000)(value) && value !== '',
  replaces: whole,
  forwarded_at: number,
  position: whole,
};

const BATCH: Record<string, Check> = {
  type: (value) => value === 'actions',
  product_id: id,
  session_id: id,
  user_id: orNull(id),
  email: orNull(id),
  conversation_id: orNull(id),
  actions: Array.isArray,
  count: whole,
  forwarded_at: number,
  summaries: optional(Array.isArray),
  signed_in: optional((value) => value === true),
  project_url: optional((value) => text(500)(value) && /^https?:\/\//.test(value as string)),
};

/** How a batch is not what its type promises; undefined if it is. */
export function strictnessFault(batch: SessionBatch): string | undefined {
  const fault =
    faultOf('batch', BATCH, batch) ??
    batch.actions.map((one) => faultOf('action', ACTION, one)).find(Boolean) ??
    batch.summaries?.map((one) => faultOf('summary', SUMMARY, one)).find(Boolean);
  if (fault) return fault;
  if (batch.count !== batch.actions.length) return 'the count is not the number of actions';
  if (batch.actions.some(({ index }, i) => index !== i)) return 'the actions are not numbered';
  if (batch.summaries?.some(({ position }) => position > batch.count))
    return 'a summary beyond the end';
  return undefined;
}

function faultOf(what: string, checks: Record<string, Check>, value: object): string | undefined {
  const extra = Object.keys(value).find((key) => !Object.hasOwn(checks, key));
  if (extra !== undefined) return `${what} has ${extra}`;
  const wrong = Object.keys(checks).find(
    (key) => !checks[key]!((value as Record<string, unknown>)[key]),
  );
  return wrong === undefined ? undefined : `${what} has a wrong ${wrong}`;
}
