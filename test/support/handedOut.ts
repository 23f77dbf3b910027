import { LINK_WINDOW_MS } from '../../core/delivery/claim';
import {
  handOutActivity,
  markDelivered,
  markNotDelivered,
  type NotDelivered,
} from '../../core/delivery/handOut';
import { LEASE_MS } from '../../core/delivery/lease';
import { OutcomeUnknownError } from '../../core/http/errors';
import type { Flow } from './flow';

/** The part of a workflow in which other nodes post: claim, find or post, report the outcome. */
export function handingOut(flow: Flow, linkWindowMs = LINK_WINDOW_MS) {
  const condition = { linkWindowMs, leaseMs: LEASE_MS };

  async function claim(session: string) {
    const parts = { memory: flow.memory(), clock: flow.clock };
    return await handOutActivity(parts, flow.ref(session), 'intercom', condition);
  }

  /** One execution, as far as it gets. A note that was tried before is looked for first. */
  async function execute(session: string): Promise<void> {
    const memory = flow.memory();
    const handedOut = await claim(session);
    if (handedOut.status !== 'claimed') return;
    const { conversationId, text, triedBefore } = handedOut;
    const { find, post } = flow.chat.destination;
    const note = { conversationId, text, since: 0, otherNoteIds: [] };
    try {
      const noteId = (triedBefore ? await find(note) : undefined) ?? (await post(note));
      await markDelivered(memory, 'm', handedOut.claim, noteId);
    } catch (error) {
      const outcome = error instanceof OutcomeUnknownError ? 'unknown' : 'refused';
      await markNotDelivered(memory, 'm', handedOut.claim, outcome);
    }
  }

  return {
    claim: async (session: string) => await flow.run(claim(session)),
    /** Begins without advancing the clock. */
    startClaim: claim,
    delivered: async (name: string, noteId: string | null = null, memory = 'm') =>
      await markDelivered(flow.memory(), memory, name, noteId),
    notDelivered: async (name: string, outcome: NotDelivered) =>
      await markNotDelivered(flow.memory(), 'm', name, outcome),
    execute: async (session: string) => await flow.run(execute(session)),
    startExecution: execute,
  };
}
