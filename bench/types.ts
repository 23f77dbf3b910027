/** One figure that a scenario measured. */
export interface Figure {
  name: string;
  value: number;
  /** Written after the number: `ms`, `events/s`, `MB`, `×`, or '' for a count. */
  unit: string;
  /** The values of repeated runs, of which `value` is the median; left out when it was measured once. */
  runs?: number[];
  /** Left out for a figure without a target. */
  target?: { is: 'at most' | 'at least'; value: number };
}

/** A line of a chart: a measurement for each x. */
export interface Curve {
  name: string;
  x: { name: string; unit: string };
  y: { name: string; unit: string };
  points: Array<[x: number, y: number]>;
}

/** The result of a scenario. */
export interface Result {
  figures: Figure[];
  curves?: Curve[];
  /** What a reader must know to judge the figures, one sentence each. */
  remarks?: string[];
}

export interface Run {
  /** A shorter run with fewer points, for daily use. */
  quick: boolean;
  /** Shows the present step. */
  progress(text: string): void;
  signal: AbortSignal;
}

/** One measurement; each has a file in `scenarios/`. */
export interface Scenario {
  /** Its name on the command line. */
  name: string;
  /** Its name in the report. */
  title: string;
  /** Whether a quick run includes it. */
  quick: boolean;
  run(run: Run): Promise<Result>;
}
