import type { INodeExecutionData } from 'n8n-workflow';
import { ConversationGoneError } from '../../../../core/delivery/destination';
import { replaceWithSummary } from '../../../../core/delivery/replace';
import { eachItem, sessionOf, unlessGone } from '../../../shared/items';
import type { Execute } from '..';
import { setUpDelivery, type DeliverySetup } from './setUp';

/** Each item with the summary note that was posted, if one was, and how many notes were redacted. */
export const execute: Execute = async function () {
  const replace = async (
    { name, parts }: DeliverySetup,
    item: INodeExecutionData,
  ): Promise<INodeExecutionData[]> => {
    const session = sessionOf(name, item);
    if (!session) return [item];
    const evenBackingOff = item.json.resumed === true;
    const outcome = await unlessGone(this, replaceWithSummary(parts, session, { evenBackingOff }));
    if (outcome instanceof ConversationGoneError) {
      const gone = { conversation_id: null, link_ended: outcome.conversationId };
      return [{ json: { ...item.json, ...gone } }];
    }
    if (outcome.status === 'not_linked') return [item];
    const { conversationId, summaryNote, redacted } = outcome;
    const replaced = { conversation_id: conversationId, summary_note: summaryNote, redacted };
    return [{ json: { ...item.json, ...replaced } }];
  };
  return [await eachItem(this, () => setUpDelivery(this), replace, { retried: true })];
};
