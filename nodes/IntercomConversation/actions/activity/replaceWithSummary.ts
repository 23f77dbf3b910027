import { systemClock } from '../../../../core/clock';
import { ConversationGoneError } from '../../../../core/delivery/destination';
import { replaceWithSummary } from '../../../../core/delivery/replace';
import { intercomFor } from '../../../shared/intercom';
import { eachItem, sessionOf } from '../../../shared/items';
import { openMemory } from '../../../shared/memory';
import type { Execute } from '..';

/** Each item with the summary note that was posted, if one was, and how many notes were redacted. */
export const execute: Execute = async function () {
  const { memory, name } = await openMemory(this);
  const intercom = await intercomFor(this);
  const destination = await intercom.destination(this.getNodeParameter('adminId', 0, '') as string);
  const parts = { memory, destination, clock: systemClock, random: Math.random };

  const items = await eachItem(this, async (item) => {
    const session = sessionOf(name, item);
    if (!session) return [item];
    try {
      const outcome = await replaceWithSummary(parts, session);
      if (outcome.status === 'not_linked') return [item];
      const { conversationId, summaryNote, redacted } = outcome;
      return [
        {
          json: {
            ...item.json,
            conversation_id: conversationId,
            summary_note: summaryNote as never,
            redacted,
          },
        },
      ];
    } catch (error) {
      if (!(error instanceof ConversationGoneError)) throw error;
      this.addExecutionHints({
        message: `${error.message}. Its session is not linked any more; it may be linked to another conversation.`,
        type: 'warning',
      });
      return [{ json: { ...item.json, conversation_id: null, link_ended: error.conversationId } }];
    }
  });
  return [items];
};
