import {
  isIdentified,
  namesIn,
  UNKNOWN_VISITOR,
  visitorAfter,
  type Visitor,
} from '../memory/visitor';
import type { Action, SessionBatch } from '../payload/types';
import { pagesNamed } from '../payload/pages';
import { peopleNamed, type PeopleRules } from './people';
import { isSame, namesOf, rebuilt, type Session, type Step } from './rebuild';
import { createRecent, createRecentPairs } from '../recent';

/** What is left out of the activity that arrives. */
export interface FilterRules extends PeopleRules {
  /** Types of actions; case does not matter. */
  types: readonly string[];
  /** Patterns of pages, see `pagesNamed`. */
  pages: readonly string[];
}

/** Why an action was left out, and how many summaries were, with the person they are about. */
export type LeftOut = Record<'type' | 'page' | 'person' | 'summary', number>;

export interface Filter {
  /**
   * What is left of a batch; undefined if nothing is, and the batch itself where nothing was left out. A batch without
   * actions can be left because it says who the visitor of a session is that was passed on before.
   */
  apply(batch: SessionBatch): SessionBatch | undefined;
  /** What was left of a batch could not be stored: what it says of the visitor is to be said again. */
  notStored(batch: SessionBatch): void;
  /** How many actions were left out since the last call. */
  take(): number;
  /** How much was left out since the start. */
  totals(): LeftOut;
}

/** Sessions whose visitors are known. A batch need not repeat who acts. */
const MOST_SESSIONS = 20_000;

const MOST_TYPES = 100;

/**
 * Leaves out actions by type, page and person. It follows who acts in each session, also in what it leaves out, because
 * sign-ins arrive with any action and later batches need not name the visitor. An action that is passed on leads to the same
 * visitor as without the filter.
 *
 * @param onFirst called the first time that something is left out for a reason; for logs
 * @returns undefined if the rules leave out nothing
 */
export function createFilter(
  rules: FilterRules,
  onFirst: (reason: keyof LeftOut) => void = () => {},
): Filter | undefined {
  const types = new Set(rules.types.map((type) => type.trim().toLowerCase()));
  // There are few types, and most streams spell each in one way.
  const isType = createRecent(MOST_TYPES, (type) => types.has(type.trim().toLowerCase()));
  const isPage = rules.pages.length > 0 ? pagesNamed(rules.pages) : undefined;
  const isPerson = peopleNamed(rules);
  if (types.size === 0 && !isPage && !isPerson) return undefined;

  const totals: LeftOut = { type: 0, page: 0, person: 0, summary: 0 };
  let taken = 0;
  const sessionOf = createRecentPairs<Session>(MOST_SESSIONS, () => ({
    visitor: UNKNOWN_VISITOR,
    told: undefined,
    checked: undefined,
    isOut: false,
    leftOut: 0,
  }));

  function count(reason: keyof LeftOut): void {
    if (totals[reason] === 0) onFirst(reason);
    totals[reason] += 1;
  }

  /** @param isTheirs whether the batch names a person who is left out: then it is about what they did before signing in, too */
  function reasonFor(action: Action, visitor: Visitor, isTheirs: boolean) {
    if (isPerson?.(visitor) || (isTheirs && !isIdentified(visitor))) return 'person';
    return reasonIn(action);
  }

  /** Why the type or the page of an action leaves it out, for any visitor. */
  function reasonIn({ type, signal, canonical_url, raw_url }: Action) {
    // A click's signal, such as a rage click, says more than the click. The user leaves it out by the signal's name.
    if (isType(type === 'click' && signal ? signal : type)) return 'type';
    return isPage && (isPage(canonical_url) || isPage(raw_url)) ? 'page' : undefined;
  }

  const isLeft = (action: Action) => reasonIn(action) === undefined;

  /** Whether the visitor's activity is left out, asked anew only when the visitor has changed. */
  function isOut(session: Session, visitor: Visitor): boolean {
    if (isPerson && session.checked !== visitor) {
      session.checked = visitor;
      session.isOut = isPerson(visitor);
    }
    return session.isOut;
  }

  /** A short cut for most batches: what is left of a batch whose actions name no visitor. Undefined if nothing is. */
  function leftOf(batch: SessionBatch, session: Session): SessionBatch | undefined {
    let left = 0;
    for (const action of batch.actions) {
      const reason = reasonIn(action);
      if (!reason) continue;
      count(reason);
      left += 1;
    }
    if (left === 0) return batch;
    taken += left;
    session.leftOut += left;
    if (left === batch.count) return undefined;
    const actions = batch.actions.filter(isLeft).map((action, index) => ({ ...action, index }));
    return { ...batch, actions, count: actions.length };
  }

  /** The summaries that are not about a person who is left out. */
  function summariesLeft(batch: SessionBatch, steps: readonly Step[], last: Visitor) {
    return (batch.summaries ?? []).filter(({ position }) => {
      if (!isPerson?.(steps[position - 1]?.visitor ?? steps[0]?.visitor ?? last)) return true;
      count('summary');
      return false;
    });
  }

  return {
    apply(batch) {
      const session = sessionOf(batch.product_id, batch.session_id);
      const { visitor: before, told } = session;
      if (isPlain(batch) && (before === told || isSame(told ?? UNKNOWN_VISITOR, before))) {
        const { visitor } = visitorAfter(before, batch);
        // The names of the batch are those of its first action that is left, whichever that is.
        if (!isOut(session, visitor) && (visitor === before || batch.actions.some(isLeft))) {
          const left = leftOf(batch, session);
          session.visitor = visitor;
          if (left) session.told = visitor;
          return left;
        }
      }
      const names = namesIn(batch);
      const isTheirs = isPerson?.(visitorAfter(UNKNOWN_VISITOR, batch).visitor) ?? false;
      let visitor = before;
      let left = 0;
      const steps = batch.actions.map((action): Step => {
        visitor = visitorAfter(visitor, names(action)).visitor;
        const reason = reasonFor(action, visitor, isTheirs);
        if (reason) {
          count(reason);
          left += 1;
        }
        return { action, visitor, isKept: reason === undefined };
      });
      if (steps.length === 0) ({ visitor } = visitorAfter(visitor, batch));
      taken += left;
      session.visitor = visitor;
      const isWhole = left === 0 && steps.length > 0 && !batch.summaries && !isTheirs;
      if (isWhole && isSame(told ?? UNKNOWN_VISITOR, before)) {
        session.told = visitor;
        return batch;
      }

      const summaries = summariesLeft(batch, steps, visitor);
      if (left === steps.length && summaries.length === 0) {
        session.leftOut += left;
        // Without actions, a batch says only who the visitor is. That may be news after a restart, or a failure to store it.
        const isTold = told === undefined ? steps.length > 0 : isSame(told, visitor);
        const isNews = !isTold && !isPerson?.(visitor);
        if (!isNews) return undefined;
        session.told = visitor;
        return { ...batch, ...namesOf(visitor, batch), actions: [], count: 0, summaries: [] };
      }
      session.told = visitor;
      return rebuilt(batch, steps, summaries, session, told ?? UNKNOWN_VISITOR);
    },
    notStored(batch) {
      sessionOf(batch.product_id, batch.session_id).told = undefined;
    },
    take() {
      const count = taken;
      taken = 0;
      return count;
    },
    totals: () => ({ ...totals }),
  };
}

/** Whether a batch has only actions that name no visitor, and nothing else. */
function isPlain({ actions, summaries }: SessionBatch): boolean {
  if (summaries || actions.length === 0) return false;
  for (const { user_id, email, conversation_id } of actions) {
    if (user_id !== undefined || email !== undefined || conversation_id !== undefined) return false;
  }
  return true;
}
