import type fc from 'fast-check';

/** Something that takes what others wrote, and what must hold whatever that is. */
export interface Target {
  /** What is promised; a part of it chooses the target on the command line. */
  name: string;
  /** How many of all cases it gets, as against the others. */
  share: number;
  property: fc.IRawProperty<unknown>;
}

/** Throws where a promise is broken; cheaper than a matcher, which a million cases would wait for. */
export function must(holds: boolean, what: string, about?: unknown): asserts holds {
  if (holds) return;
  throw new Error(about === undefined ? what : `${what}: ${JSON.stringify(about)}`);
}
