import type { SessionMemory } from './types';

/** Does something with a memory, and about what may be wrong with it. */
type Run = <T>(work: (memory: SessionMemory) => Promise<T>) => Promise<T>;

/** A memory of which each call goes through `run`. */
export function delegating(run: Run): SessionMemory {
  return {
    remember: (...args) => run((memory) => memory.remember(...args)),
    unfinished: (...args) => run((memory) => memory.unfinished(...args)),
    isWorkDue: (...args) => run((memory) => memory.isWorkDue(...args)),
    link: (...args) => run((memory) => memory.link(...args)),
    recall: (...args) => run((memory) => memory.recall(...args)),
    forget: (...args) => run((memory) => memory.forget(...args)),
    claimNote: (...args) => run((memory) => memory.claimNote(...args)),
    heldNote: (...args) => run((memory) => memory.heldNote(...args)),
    conversationOf: (...args) => run((memory) => memory.conversationOf(...args)),
    replacementLeft: (...args) => run((memory) => memory.replacementLeft(...args)),
    claimSummaryNote: (...args) => run((memory) => memory.claimSummaryNote(...args)),
    claimRedactions: (...args) => run((memory) => memory.claimRedactions(...args)),
    extend: (...args) => run((memory) => memory.extend(...args)),
    commitNote: (...args) => run((memory) => memory.commitNote(...args)),
    markRedacted: (...args) => run((memory) => memory.markRedacted(...args)),
    release: (...args) => run((memory) => memory.release(...args)),
    releaseNote: (...args) => run((memory) => memory.releaseNote(...args)),
    endLink: (...args) => run((memory) => memory.endLink(...args)),
    claimSummary: (...args) => run((memory) => memory.claimSummary(...args)),
    commitSummary: (...args) => run((memory) => memory.commitSummary(...args)),
    releaseSummary: (...args) => run((memory) => memory.releaseSummary(...args)),
    firstSight: (...args) => run((memory) => memory.firstSight(...args)),
    expire: () => run((memory) => memory.expire()),
    close: () => run((memory) => memory.close()),
  };
}
