import type {
  ForgetQuery,
  Forgotten,
  LinkOutcome,
  LinkRequest,
  Recollection,
  RecallQuery,
  ListedSession,
  MemoryStatus,
  Remembered,
  SessionInfo,
  SessionMemory,
  SessionRef,
  SessionsQuery,
  UnfinishedQuery,
} from './types';
import type { DetectedMoment, DetectorSettings, SessionToLookAt } from './moments';
import type { OfferAnswer, OfferCounts, OfferReply, OfferReportQuery } from './offers';
import type { SessionBatch } from '../payload/types';

/**
 * One memory of a storage, by its name: the methods of {@link SessionMemory} that need the name or the retention,
 * without either. Claims need neither, because they carry their session.
 */
export interface NamedMemory {
  name: string;
  remember(batches: readonly SessionBatch[]): Promise<Remembered[]>;
  link(request: LinkRequest): Promise<LinkOutcome>;
  closeConversation(
    conversation: Pick<LinkRequest, 'chat' | 'conversation_id'>,
  ): Promise<SessionInfo | null>;
  recall(query: RecallQuery): Promise<Recollection | null>;
  /** Erases in this memory only. */
  forget(query: Omit<ForgetQuery, 'memory'>): Promise<Forgotten>;
  unfinished(query: UnfinishedQuery): Promise<SessionInfo[]>;
  listSessions(query: SessionsQuery): Promise<ListedSession[]>;
  status(): Promise<MemoryStatus>;
  detectMoments(
    detector: DetectorSettings,
    sessions: readonly SessionToLookAt[],
  ): Promise<DetectedMoment[]>;
  nextMomentAt(detectors?: readonly string[]): Promise<number | null>;
  recordReply(reply: OfferReply): Promise<OfferAnswer>;
  reportOffers(query: OfferReportQuery): Promise<OfferCounts[]>;
  /** Names a session of this memory. */
  session(ids: Omit<SessionRef, 'memory'>): SessionRef;
}

/** @param retentionMs how long sessions are kept after their last batch, and conversations wait for a session */
export function namedMemory(
  storage: SessionMemory,
  name: string,
  retentionMs: number,
): NamedMemory {
  return {
    name,
    remember: (batches) => storage.remember(name, batches, retentionMs),
    link: (request) => storage.link(name, request, retentionMs),
    closeConversation: (conversation) => storage.closeConversation(name, conversation),
    recall: (query) => storage.recall(name, query),
    forget: (query) => storage.forget({ ...query, memory: name }),
    unfinished: (query) => storage.unfinished(name, query),
    listSessions: (query) => storage.listSessions(name, query),
    status: () => storage.status(name),
    detectMoments: (detector, sessions) => storage.detectMoments(name, detector, sessions),
    nextMomentAt: (detectors) => storage.nextMomentAt(name, detectors),
    recordReply: (reply) => storage.recordReply(name, reply),
    reportOffers: (query) => storage.reportOffers(name, query),
    session: ({ product_id, session_id }) => ({ memory: name, product_id, session_id }),
  };
}
