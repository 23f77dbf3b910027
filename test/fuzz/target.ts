import type fc from 'fast-check';

/** Code that reads texts from outside, and what must hold for every such text. */
export interface Target {
  /** The promise. A part of it selects the target on the command line. */
  name: string;
  /** The target's weight when cases are divided among the targets. */
  share: number;
  property: fc.IRawProperty<unknown>;
}

/** Throws where a promise is broken; a matcher would be too slow for a million cases. */
export function must(holds: boolean, what: string, about?: unknown): asserts holds {
  if (holds) return;
  throw new Error(about === undefined ? what : `${what}: ${JSON.stringify(about)}`);
}
