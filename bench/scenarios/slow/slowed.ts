import type { ModelLatency } from '../../../simulators/model';
import { measureFlow, sessionsWithConversations, type FlowRun } from '../../measure/flow';
import { FAST } from '../../measure/services';
import type { Stage } from '../../measure/stage';
import type { Run } from '../../types';

/** The slow sessions: the first ones, by number. */
export interface Slowed {
  /** Intercom takes 30 s for each call about their conversations. */
  conversations?: number;
  /** The model takes 30 s for their summaries. */
  prompts?: number;
  /** Or never answers. */
  hangs?: boolean;
}

const SLOW_MS = 30_000;
/** Longer than any caller waits. */
const NEVER_MS = 3_600_000;
/** A calm load, so that the figures show who waits for whom and not the machine's limit. */
const SESSIONS = 60;
const RATE = 60;

/** Returns a function that runs the same load beside slow sessions; each run has new sessions. */
export function createSlowed(stage: Stage, { progress, signal }: Run, seconds: number) {
  let runs = 0;
  return async ({ conversations = 0, prompts = 0, hangs = false }: Slowed): Promise<FlowRun> => {
    const name = `slowed-${(runs += 1)}`;
    const sessions = sessionsWithConversations(stage, SESSIONS, name).map((session, i) => ({
      ...session,
      ...(i < prompts && { page: SLOW_PAGE }),
    }));
    progress('linking the sessions');
    await measureFlow(stage, sessions, { rate: SESSIONS / 2, seconds: 2, signal });
    progress(`${conversations} slow conversations, ${prompts} slow prompts`);
    const slowPaths = sessions
      .slice(0, conversations)
      .map(({ conversationId }) => `/conversations/${conversationId}`);
    stage.setIntercomLatency(({ path, body }) => {
      const of = (body as { conversation_id?: string } | undefined)?.conversation_id;
      const isSlow = slowPaths.some(
        (slow) => path === slow || path.startsWith(`${slow}/`) || slow.endsWith(`/${of}`),
      );
      return isSlow ? SLOW_MS : FAST.intercomMs;
    });
    stage.model.setLatency(whereTold(hangs ? NEVER_MS : SLOW_MS));
    return await measureFlow(stage, sessions, {
      rate: RATE,
      seconds,
      waitMs: 150_000,
      patienceMs: 100_000,
      signal,
      onSent() {
        stage.setIntercomLatency(FAST.intercomMs);
        stage.model.setLatency(FAST.modelMs);
      },
    });
  };
}

/** Marks the actions, so that the model can recognise them in a prompt. */
const SLOW_PAGE = 'tortoise';

function whereTold(ms: number): ModelLatency {
  return ({ messages }) =>
    messages.some(({ text }) => text.includes(SLOW_PAGE)) ? ms : FAST.modelMs;
}
