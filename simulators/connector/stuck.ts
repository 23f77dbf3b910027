import type { Interaction, PageKey } from './site';
import type { Step } from './visitors';

/** A few steps, and how long nothing follows. */
export interface Beat {
  steps: readonly Step[];
  /** Milliseconds from one step to the next. */
  eachMs: number;
  pauseMs: number;
}

const click = (label: string, times = 1): Interaction[] =>
  Array.from({ length: times }, () => ({ type: 'click', label, kind: 'button' }));
const beat = (steps: readonly Step[], pauseMs = 2_000, eachMs = 500): Beat => {
  return { steps, eachMs, pauseMs };
};
const go = (visit: PageKey): Beat => beat([{ visit }]);

/** Ways in which visitors get stuck. After each, they stay on the page and do nothing. */
export const STUCK = {
  'ping-pong': [
    ...(['dashboard', 'billing', 'pricing', 'billing', 'pricing', 'billing'] as const).map(go),
  ],
  'rage-clicks': [go('analytics'), beat(click('Share report', 4), 0, 200)],
  dwell: [go('dashboard'), go('pricing')],
  'form-left': [
    go('invite'),
    ...['Email addresses', 'Team', 'Role', 'Language', 'Message'].map((label) =>
      beat([{ type: 'type', label, kind: 'field' }]),
    ),
  ],
  failures: [
    go('billing'),
    beat([...click('Pay now'), { type: 'submit', label: 'Card', kind: 'form' }]),
    ...[1, 2, 3].map(() => beat(click('Payment failed. Try again'))),
  ],
} satisfies Record<string, readonly Beat[]>;

export type StuckWay = keyof typeof STUCK;
export const STUCK_WAYS = Object.keys(STUCK) as StuckWay[];

/** Whether a name from outside is one of the ways. */
export function isStuckWay(name: unknown): name is StuckWay {
  return typeof name === 'string' && Object.hasOwn(STUCK, name);
}
