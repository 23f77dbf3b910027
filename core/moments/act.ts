import { pageKey } from '../payload/pageKey';
import type { Action } from '../payload/types';
import { createRecent } from '../recent';
import type { Act } from './types';

/** Longer texts are cut, in characters: visitors can make them as long as they like. */
const LONGEST = 300;

/** Buttons and pages have the same words for all visitors, so each is kept once. */
const once = createRecent(20_000, (text) => text);

/** An action as rules see it. */
export function actOf(at: number, seq: number, action: Action): Act {
  const { type, title, description, signal } = action;
  const named = (title || description).slice(0, LONGEST);
  const said = `${title.slice(0, LONGEST)}\n${description.slice(0, LONGEST)}`.toLowerCase();
  return {
    ...{ at, seq, page: once(pageKey(action)), type: once(type) },
    ...{ target: once(`${type} ${named}`), said: once(said), signal },
  };
}
