import { systemClock } from '../../../../core/clock';
import { ConversationGoneError } from '../../../../core/delivery/destination';
import { replaceWithSummary } from '../../../../core/delivery/replace';
import { intercomFor } from '../../../shared/intercom';
import { eachItem, sessionOf, unlessGone } from '../../../shared/items';
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
    const outcome = await unlessGone(this, replaceWithSummary(parts, session));
    if (outcome instanceof ConversationGoneError) {
      const gone = { conversation_id: null, link_ended: outcome.conversationId };
      return [{ json: { ...item.json, ...gone } }];
    }
    if (outcome.status === 'not_linked') return [item];
    const { conversationId, summaryNote, redacted } = outcome;
    const replaced = { conversation_id: conversationId, summary_note: summaryNote, redacted };
    return [{ json: { ...item.json, ...replaced } }];
  });
  return [items];
};
