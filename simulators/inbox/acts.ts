import type { Step } from '../connector';

/** What the page's buttons make a visitor do. */
export const acts = {
  'visit-pricing': [{ visit: 'pricing' }],
  'sign-up': [
    { visit: 'pricing' },
    { type: 'click', label: 'Sign up', kind: 'button' },
    { visit: 'signup' },
    { type: 'type', label: 'Work email', kind: 'field' },
    { type: 'submit', label: 'Sign up', kind: 'form' },
  ],
  'export-fails': [
    { visit: 'export' },
    { type: 'click', label: 'CSV', kind: 'option' },
    { type: 'click', label: 'Export', kind: 'button' },
    { type: 'click', label: 'Try again', kind: 'button' },
  ],
  'five-things': { count: 5 },
} satisfies Record<string, readonly Step[] | { count: number }>;

export type Act = keyof typeof acts;

/** Whether a name from outside is one of the acts. */
export function isAct(name: unknown): name is Act {
  return typeof name === 'string' && Object.hasOwn(acts, name);
}
