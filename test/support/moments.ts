import { DEFAULT_THRESHOLDS } from '../../core/moments/defaults';
import { createDetector, firedKey } from '../../core/moments/detect';
import { actOf } from '../../core/moments/act';
import type { Act, History, Moment, Rule, RuleName, Thresholds } from '../../core/moments/types';
import { action } from './batches';

/** A rule with its defaults, and what a test changes. */
export function rule<Name extends RuleName>(
  name: Name,
  thresholds: Partial<Thresholds[Name]> = {},
  other: Partial<Pick<Rule, 'name' | 'scope' | 'once'>> = {},
): Rule {
  return {
    ...{ rule: name, name, once: 'session' },
    scope: { pages: [], products: [], audience: 'everyone' },
    ...DEFAULT_THRESHOLDS[name],
    ...thresholds,
    ...other,
  } as Rule;
}

/** When a trace begins, in milliseconds since the epoch. */
export const START = Date.UTC(2026, 2, 2, 9);

/**
 * A trace in words: each line has the second, the page, the type of the action, and its title. A type with a `!` is the signal
 * of a click: `12 /cart !rage_click Pay`.
 */
export function trace(...lines: string[]): Act[] {
  return lines.map((line, i) => {
    const [second, page, type = 'pageview', ...title] = line.trim().split(/\s+/);
    const signal = type.startsWith('!') ? { signal: type.slice(1) } : {};
    const said = action({
      ...{ action_id: `a${i}`, title: title.join(' '), canonical_url: page ?? '' },
      ...{ type: signal.signal ? 'click' : type, description: '', ...signal },
    });
    return actOf(START + Math.round(Number(second) * 1_000), i + 1, said);
  });
}

interface Play {
  /** How much later than it happened each action arrives, in milliseconds; at once without it. */
  delays?: readonly number[];
  /** Until when, in seconds after the start. */
  until?: number;
  /** Between these seconds nothing looks, as while n8n is down. */
  down?: readonly [from: number, to: number];
  session?: {
    product_id?: string;
    session_id?: string;
    isSignedIn?: boolean;
    isComplete?: boolean;
  };
  history?: History | null;
  learningSince?: number | null;
}

/** What fired, and when it was noticed, in seconds after the start. */
export interface Noticed {
  at: number;
  rule: string;
  page: string;
  moment: Moment;
}

/** Plays a trace to a detector as the node would: it looks when actions arrive and when it asked to, and keeps what it found. */
export function play(rules: readonly Rule[], actions: readonly Act[], given: Play = {}) {
  const { delays = [], until = 1_200, down, session = {}, learningSince = null } = given;
  let history = given.history ?? null;
  const detector = createDetector(rules);
  const arrivals = actions
    .map((one, i) => ({ one, at: one.at + (delays[i] ?? 0) }))
    .toSorted((a, b) => a.at - b.at);
  const noticed: Noticed[] = [];
  const fired: string[] = [];
  const known: Act[] = [];
  let looks = 0;
  let due = Infinity;
  const end = START + until * 1_000;
  const isDown = (at: number) =>
    down !== undefined && at >= START + down[0] * 1_000 && at < START + down[1] * 1_000;
  for (;;) {
    const arrival = arrivals[0]?.at ?? Infinity;
    let now = Math.min(arrival, due);
    if (isDown(now) && now === due) now = due = START + down![1] * 1_000;
    if (now > end) break;
    while (arrivals[0] && arrivals[0].at <= now) known.push(arrivals.shift()!.one);
    if (isDown(now)) continue;
    looks += 1;
    const found = detector.detect(
      {
        ...{ product_id: 'shop', session_id: 's1', isSignedIn: false, isComplete: true },
        ...session,
        ...windowed(known, now - detector.windowMs, session.isComplete ?? true),
        ...{ history, learningSince, fired },
      },
      now,
    );
    history = found.history ?? history;
    for (const moment of found.moments) {
      fired.push(firedKey(moment));
      const { rule: name, page } = moment;
      noticed.push({ at: (now - START) / 1_000, rule: name, page, moment });
    }
    due = found.dueAt === null ? Infinity : Math.max(found.dueAt, now + 1);
  }
  return { noticed, history, looks };
}

/** What the memory returns: the actions of the window, and the one before it. */
function windowed(known: readonly Act[], since: number, isComplete: boolean) {
  const sorted = known.toSorted((a, b) => a.at - b.at);
  const first = sorted.findIndex(({ at }) => at >= since);
  const from = Math.max(0, (first < 0 ? sorted.length : first) - 1);
  return {
    acts: sorted.slice(from),
    isComplete: isComplete && from === 0,
    startedAt: isComplete ? (sorted[0]?.at ?? null) : null,
  };
}

/** What fired, as `60 dwell /pricing`. */
export function lines({ noticed }: { noticed: readonly Noticed[] }): string[] {
  return noticed.map(({ at, rule: name, page }) => `${at} ${name} ${page}`);
}
