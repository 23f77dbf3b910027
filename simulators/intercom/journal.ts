import { pushBounded } from '../bounded';
import type { Clock } from '../clock';
import type { ApiRequest } from './faults';
import type { Change } from './store';

/** Something that was accepted and changed a conversation, whoever did it. */
export interface Mutation {
  /** Epoch milliseconds. */
  at: number;
  conversationId: string;
  kind: 'conversation' | 'note' | 'comment' | 'redact';
  /** The part's id; for a new conversation or its redacted first message, the source's. */
  partId: string;
  /** As it was stored; for a redact what stands there now. */
  body: string;
  author: 'admin' | 'user';
}

/** A request and what was answered; 0 when no answer was sent. */
export interface RequestEntry extends ApiRequest {
  status: number;
}

/** A request that the vendor tolerates, or may come to reject, although its documents ask otherwise. */
export interface Violation {
  at: number;
  rule: 'version-missing' | 'version-unknown' | 'content-type' | 'invalid-json';
  method: string;
  path: string;
  detail: string;
}

export interface Journal {
  /** Oldest first; only the newest are kept. */
  readonly mutations: Mutation[];
  readonly requests: RequestEntry[];
  readonly violations: Violation[];
  clear(): void;
}

/** @param limit entries kept of each kind */
export function createJournal(clock: Clock, limit: number) {
  const journal: Journal = {
    mutations: [],
    requests: [],
    violations: [],
    clear() {
      journal.mutations.length = journal.requests.length = journal.violations.length = 0;
    },
  };
  return {
    journal,
    noteChange(change: Change): void {
      const mutation = mutationOf(change, clock.now());
      if (mutation) pushBounded(journal.mutations, mutation, limit);
    },
    noteRequest: (entry: RequestEntry): void => pushBounded(journal.requests, entry, limit),
    noteViolation: (violation: Violation): void =>
      pushBounded(journal.violations, violation, limit),
  };
}

function mutationOf(change: Change, at: number): Mutation | undefined {
  if (change.kind === 'restored') return undefined;
  const { conversation } = change;
  const target = ('part' in change && change.part) || conversation.source;
  const kind =
    change.kind === 'conversation-created'
      ? 'conversation'
      : change.kind === 'redacted'
        ? 'redact'
        : change.part.part_type === 'note'
          ? 'note'
          : 'comment';
  return {
    at,
    conversationId: conversation.id,
    kind,
    partId: target.id,
    body: target.body,
    author: target.author.type,
  };
}
