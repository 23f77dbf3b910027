import type { Clock } from './clock';

/** The same failure is shown again after this time, in milliseconds. */
const SHOWN_EVERY_MS = 3_600_000;
/**
 * A failure that comes and goes by itself, such as an overloaded server, is not shown more often than this, even if it
 * worked in between.
 */
const FLEETING_EVERY_MS = 600_000;
/** Bounds for the memory of a process. Beyond them, the oldest is forgotten and would be shown again. */
const MAX_CAUSES = 100;
const MAX_SUBJECTS = 1_000;

/** One item's failure at one step. */
export interface Failure {
  /** What is wrong, and with which credential: failures with the same cause are shown once. */
  cause: string;
  /** Which work failed: a step with a session. It works again when the same work succeeds. */
  subject: string;
  /** Whether only a person can end it, as with a wrong token. */
  isLasting: boolean;
  /** Whether a service failed: then only work that the service did shows that it works again. */
  isOfService: boolean;
}

/**
 * Decides which failures of work that is retried by itself are shown. Each cause is shown once, then it is quiet until
 * it works again or an hour has passed.
 */
export interface Failures {
  /**
   * Records what failed in one execution.
   * @param execution the execution's id. A failure that it has shown stays shown in it, because n8n may repeat the step.
   * @returns the index of the failure to show, one at most; another cause is shown when it fails again
   */
  failed(execution: string, failures: readonly Failure[]): number | undefined;
  /**
   * Records that work succeeded.
   * @param byService whether a service did something for it
   */
  succeeded(subject: string, byService: boolean): void;
}

interface Known extends Pick<Failure, 'isLasting' | 'isOfService'> {
  shownAt: number;
  /** The execution that showed it. */
  shownIn: string;
  /** What has failed since. */
  subjects: Set<string>;
  /** Whether it has worked since. */
  isOver: boolean;
}

export function createFailures(clock: Pick<Clock, 'now'>): Failures {
  const causes = new Map<string, Known>();

  function isDue({ shownAt, shownIn, isOver, isLasting }: Known, execution: string): boolean {
    if (execution !== '' && execution === shownIn) return true;
    const since = clock.now() - shownAt;
    // Negative after the clock was set back.
    if (since < 0 || since >= SHOWN_EVERY_MS) return true;
    return isOver && (isLasting || since >= FLEETING_EVERY_MS);
  }

  function show({ cause, isLasting, isOfService }: Failure, execution: string): void {
    const before = causes.get(cause);
    const shownAt = before?.shownIn === execution ? before.shownAt : clock.now();
    causes.delete(cause);
    const subjects = new Set<string>();
    causes.set(cause, {
      shownAt,
      shownIn: execution,
      subjects,
      isOver: false,
      isLasting,
      isOfService,
    });
    const [oldest] = causes.keys();
    if (causes.size > MAX_CAUSES && oldest !== undefined) causes.delete(oldest);
  }

  return {
    failed(execution, failures) {
      let shown: number | undefined;
      for (const [index, failure] of failures.entries()) {
        const known = causes.get(failure.cause);
        if (shown === undefined && (!known || isDue(known, execution))) {
          show(failure, execution);
          shown = index;
        }
        const { subjects } = causes.get(failure.cause) ?? {};
        if (subjects && subjects.size < MAX_SUBJECTS) subjects.add(failure.subject);
      }
      return shown;
    },
    succeeded(subject, byService) {
      for (const known of causes.values()) {
        if (known.isOfService && !byService) continue;
        if (known.subjects.delete(subject)) known.isOver = true;
      }
    },
  };
}
