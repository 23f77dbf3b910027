import type { Action } from '../payload/types';

// Signals repeat clicks that have events of their own, before or after them. Each click is told once.

/** Three clicks within a second of each other, and the time it takes to send. */
const RAGE_BEFORE_MS = 2_500;
/** The third click's own event is captured right after the signal. */
const RAGE_AFTER_MS = 500;
/** A dead click names the moment of the click. */
const SAME_CLICK_MS = 500;
/** A dead click on the same element is not told again this soon. */
const DEAD_AGAIN_MS = 10_000;

/** A click of a session, as far as it matters for those that a signal repeats. */
export interface Click {
  id: string;
  /** What was clicked. */
  target: string;
  /** Milliseconds since the epoch. */
  at: number;
  signal: Action['signal'];
  /** Whether it has gone out in an item. */
  told: boolean;
  /** How a dead click is described where the click itself was told before, and clicks in a row that were dead; '' otherwise. */
  followUp: string;
}

/**
 * The actions that are left once signals have taken the place of clicks, in the order of time. Marks their clicks as told.
 *
 * @param clicks the latest of the session, those of the actions included
 */
export function settled(actions: readonly Action[], clicks: readonly Click[]): Action[] {
  const byId = new Map(clicks.map((click) => [click.id, click]));
  const before = new Set(clicks.filter(({ told }) => told));
  const left: Action[] = [];
  for (const action of actions.toSorted(byTime)) {
    const click = byId.get(action.action_id);
    const said = click ? saidOf(action, click, clicks, before) : action;
    if (!said) continue;
    if (click) click.told = true;
    left.push({ ...said, index: left.length });
  }
  return left;
}

const byTime = (a: Action, b: Action) => (a.timestamp_start ?? 0) - (b.timestamp_start ?? 0);

/**
 * A click as it is told; undefined if a signal tells it.
 * @param before those that were told in earlier items
 */
function saidOf(
  action: Action,
  click: Click,
  clicks: readonly Click[],
  before: ReadonlySet<Click>,
): Action | undefined {
  if (clicks.some((one) => tells(one, click))) return undefined;
  const about = clicks.filter((one) => one !== click && isAbout(click, one));
  if (about.some((one) => before.has(one))) return { ...action, description: click.followUp };
  // Clicks in a row that go out with it tell that nothing happened.
  if (about.some(({ signal }) => signal)) return undefined;
  const nothing = clicks.some((one) => isAbout(one, click) && !one.told);
  return nothing ? { ...action, description: click.followUp } : action;
}

/** Whether a signal tells a click, so that the click is not told by itself. */
function tells(signal: Click, click: Click): boolean {
  if (!signal.signal || signal === click || signal.target !== click.target) return false;
  const later = click.at - signal.at;
  if (click.signal === 'dead_click') {
    // People try again what does nothing. Once is enough to tell.
    return signal.told && signal.signal === 'dead_click' && later >= 0 && later <= DEAD_AGAIN_MS;
  }
  if (click.signal) return false;
  if (signal.signal === 'dead_click') return Math.abs(later) <= SAME_CLICK_MS;
  return later >= -RAGE_BEFORE_MS && later <= RAGE_AFTER_MS;
}

/** Whether a dead click is one of the clicks that have been told. */
function isAbout(signal: Click, told: Click): boolean {
  if (signal.signal !== 'dead_click' || told.signal === 'dead_click') return false;
  if (told.signal === 'rage_click') {
    const later = signal.at - told.at;
    const isOneOfThem = later >= -RAGE_BEFORE_MS && later <= RAGE_AFTER_MS;
    return signal.target === told.target && isOneOfThem;
  }
  return tells(signal, told);
}
