/** One figure that a scenario measured. */
export interface Figure {
  name: string;
  value: number;
  /** As it is written behind the number: `ms`, `events/s`, `MB`, `×`, or '' for a count. */
  unit: string;
  /** What it should be; left out for a figure that is only told. */
  target?: { is: 'at most' | 'at least'; value: number };
}

/** A line of a chart: what was measured for each x. */
export interface Curve {
  name: string;
  x: { name: string; unit: string };
  y: { name: string; unit: string };
  points: Array<[x: number, y: number]>;
}

/** What came of a scenario. */
export interface Result {
  figures: Figure[];
  curves?: Curve[];
  /** What a reader has to know to judge the figures, a sentence each. */
  remarks?: string[];
}

export interface Run {
  /** Shorter, with fewer points; for daily use. */
  quick: boolean;
  /** Tells who is waiting what happens now. */
  progress(text: string): void;
  signal: AbortSignal;
}

/** Something that is measured; one file in `scenarios/` each. */
export interface Scenario {
  /** On the command line. */
  name: string;
  /** In the report. */
  title: string;
  /** Whether it is part of a quick run. */
  quick: boolean;
  run(run: Run): Promise<Result>;
}
