import type { Result } from '../types';

/** The outcome of one scenario, and its circumstances. */
export interface Outcome {
  name: string;
  title: string;
  quick: boolean;
  /** When it began, in UTC. */
  at: string;
  seconds: number;
  /** The measured commit, followed by `+` when files differed from it. */
  commit: string;
  /** The average number of processes that wanted a core in the minute before. */
  loadBefore: number;
  /** Missing when it failed. */
  result?: Result;
  error?: string;
}

/** The machine that the figures were measured on. */
export interface Machine {
  cores: number;
  cpu: string;
  memoryGb: number;
  system: string;
  node: string;
  n8n: string;
}

export interface Report {
  machine: Machine;
  /** The command of the latest run. */
  command: string;
  outcomes: Outcome[];
}
