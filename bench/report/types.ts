import type { Result } from '../types';

/** What came of one scenario, and under which circumstances. */
export interface Outcome {
  name: string;
  title: string;
  quick: boolean;
  /** When it began, in UTC. */
  at: string;
  seconds: number;
  /** The commit it measured; `+` behind it when something was changed since. */
  commit: string;
  /** How many processes wanted a core on average in the minute before. */
  loadBefore: number;
  /** Missing when it failed. */
  result?: Result;
  error?: string;
}

/** Figures mean nothing without what they were measured on. */
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
  /** The command that made the latest of the outcomes. */
  command: string;
  outcomes: Outcome[];
}
