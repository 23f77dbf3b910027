import { pushBounded } from '../bounded';
import type { ApiRequest } from './faults';

/** A request and the status of its answer; 0 when none was sent. */
export interface RequestEntry extends ApiRequest {
  status: number;
}

/** A request that breaks the vendor's documents, although the vendor accepts it today. */
export interface Violation {
  at: number;
  rule: 'version-missing' | 'version-unknown' | 'content-type' | 'invalid-json' | 'undocumented';
  method: string;
  path: string;
  detail: string;
}

/** @typeParam Mutation an accepted change of a conversation */
export interface Journal<Mutation> {
  /** Oldest first; only the newest are kept. */
  readonly mutations: Mutation[];
  readonly requests: RequestEntry[];
  readonly violations: Violation[];
  clear(): void;
}

/** @param limit entries kept of each kind */
export function createJournal<Mutation>(limit: number) {
  const journal: Journal<Mutation> = {
    mutations: [],
    requests: [],
    violations: [],
    clear() {
      journal.mutations.length = journal.requests.length = journal.violations.length = 0;
    },
  };
  return {
    journal,
    noteMutation: (mutation: Mutation): void => pushBounded(journal.mutations, mutation, limit),
    noteRequest: (entry: RequestEntry): void => pushBounded(journal.requests, entry, limit),
    noteViolation: (violation: Violation): void =>
      pushBounded(journal.violations, violation, limit),
  };
}
