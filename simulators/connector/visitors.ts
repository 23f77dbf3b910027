import { type Random, between, pick } from '../random';
import type { Action, ActionsFrame } from './frames';
import {
  type Interaction,
  ORIGIN,
  type Page,
  type PageKey,
  type Site,
  site as usual,
} from './site';

/** A visitor of the product. */
export interface Person {
  /** The `user_id` on the stream and the contact's `external_id` in the chat product. */
  id: string;
  name: string;
  /** Missing for a visitor who has not said who they are. */
  email?: string;
}

/** One step of a fixed sequence: go to a page, or do something on the page one is on. */
export type Step = { visit: PageKey } | Interaction;

/** A step that a visitor took, apart from how it travels. */
export interface Deed {
  person: Person;
  sessionId: string;
  step: Step;
  /** The page that the visitor is on after it. */
  page: Page;
  /** The page's whole address. */
  url: string;
  /** Epoch milliseconds. */
  at: number;
}

export interface Visitor {
  readonly person: Person;
  readonly sessionId: string;
  /** The visitor's next actions in one batch: `count`, or 1 to 4. */
  next(count?: number): ActionsFrame;
  /** Exactly these steps in one batch. @param eachMs from one to the next; by default between 0.4 and 1.2 s */
  script(steps: readonly Step[], eachMs?: number): ActionsFrame;
}

interface VisitorOptions {
  person: Person;
  sessionId: string;
  productId: string;
  random: Random;
  /** Epoch milliseconds. */
  now: () => number;
  /** What the pages hold. Default: the plausible site. */
  site?: Site;
  /** Called for each step, in order. */
  onDeed?: ((deed: Deed) => void) | undefined;
}

const VERBS = {
  click: 'clicked',
  type: 'typed in',
  submit: 'submitted',
  focus: 'focused',
  blur: 'left',
} as const;

/**
 * A visitor who walks through the site as people do: arrives somewhere, carries out what a page is
 * for step by step, follows links, changes their mind. The same `random` gives the same visit.
 */
export function createVisitor(options: VisitorOptions): Visitor {
  const { person, sessionId, productId, random, now, site = usual, onDeed } = options;
  const landing: PageKey = pick(random, ['home', 'pricing', 'dashboard'] as const);
  /** Where the visitor is, and where they will be once everything decided is done. */
  let here: Page = site[landing];
  let heading: Page = here;
  let url = '';
  let intentions: Step[] = [];
  let lastTime = 0;
  let lastForwarded = 0;

  const arrive = (page: Page): void => {
    here = page;
    const path = page.path.replaceAll(':id', () => String(between(random, 1000, 9999)));
    url = ORIGIN + path + (page.query?.(random) ?? '');
  };

  const decide = (): Step => {
    if (intentions.length === 0) {
      const moveOn = random() < 0.3;
      intentions = moveOn
        ? [{ visit: pick(random, heading.links) }]
        : [...pick(random, heading.flows)];
    }
    const step = intentions.shift()!;
    if ('visit' in step) heading = site[step.visit];
    else if (step.leadsTo) intentions = [{ visit: step.leadsTo }];
    return step;
  };

  const take = (step: Step): Omit<Action, 'index' | 'timestamp_start' | 'timestamp_end'> => {
    if ('visit' in step) arrive(site[step.visit]);
    const what =
      'visit' in step
        ? {
            type: 'pageview' as const,
            title: here.title,
            description: `User viewed the ${here.name}`,
          }
        : {
            type: step.type,
            title: step.label,
            description: `User ${VERBS[step.type]} ${step.label} ${step.kind} on the ${here.name}`,
          };
    return { ...what, raw_url: url, canonical_url: ORIGIN + here.path };
  };

  /** Puts the steps between the last batch and now, in order and never twice at the same moment. */
  const batch = (steps: readonly Step[], eachMs = between(random, 400, 1200)): ActionsFrame => {
    const end = Math.max(now(), lastTime + 1);
    const span = Math.min(steps.length * eachMs, end - lastTime);
    const slot = span / steps.length;
    const actions = steps.map((step, index): Action => {
      const start = end - span + slot * index;
      const taken = take(step);
      onDeed?.({ person, sessionId, step, page: here, url, at: start });
      return {
        index,
        ...taken,
        timestamp_start: toSeconds(start),
        timestamp_end: toSeconds(start + slot * 0.4),
      };
    });
    lastTime = end;
    // This time identifies a batch, so two batches of a session never share it.
    lastForwarded = Math.max(end, lastForwarded + 1);
    return {
      type: 'actions',
      product_id: productId,
      session_id: sessionId,
      user_id: person.id,
      email: person.email ?? null,
      actions,
      count: actions.length,
      forwarded_at: toSeconds(lastForwarded),
    };
  };

  return {
    person,
    sessionId,
    next(count = between(random, 1, 4)) {
      const steps: Step[] = url === '' ? [{ visit: landing }] : [];
      while (steps.length < count) steps.push(decide());
      return batch(steps);
    },
    script(steps, eachMs) {
      if (url === '') arrive(here);
      const frame = batch(steps, eachMs);
      intentions = [];
      heading = here;
      return frame;
    },
  };
}

const toSeconds = (ms: number): number => Math.round(ms) / 1000;
