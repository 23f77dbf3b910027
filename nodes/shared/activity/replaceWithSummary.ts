import type { INodeExecutionData } from 'n8n-workflow';
import { ConversationGoneError } from '../../../core/delivery/destination';
import { replaceWithSummary } from '../../../core/delivery/replace';
import type { Execute } from '../actions';
import { eachItem, notLinked, passedOn, sessionOf, unlessGone } from '../items';
import { tellTrigger } from '../signals';
import { setUpDelivery, type DeliverySetup, type DestinationOf } from './setUp';

/** Gives each item with the summary note that was posted, if there was one, and the number of redacted notes. */
export function replaceIn(destinationOf: DestinationOf): Execute {
  return async function () {
    const replace = async (
      { memoryOf, partsFor }: DeliverySetup,
      item: INodeExecutionData,
      index: number,
    ): Promise<INodeExecutionData[]> => {
      const session = sessionOf(memoryOf(index), item);
      if (!session) return [notLinked(this, item)];
      const includePaused = item.json.resumed === true;
      const work = replaceWithSummary(partsFor(index), session, { includePaused });
      const outcome = await unlessGone(this, work);
      if (outcome instanceof ConversationGoneError) {
        const gone = { conversation_id: null, link_ended: outcome.conversationId };
        return [{ json: { ...passedOn(this, item.json), ...gone } }];
      }
      if (outcome.status === 'not_linked') return [notLinked(this, item)];
      const { conversationId, summaryNote, redacted, leftForLater } = outcome;
      if (leftForLater) tellTrigger(this.getWorkflow().id).leftForLater();
      const replaced = { conversation_id: conversationId, summary_note: summaryNote, redacted };
      return [{ json: { ...passedOn(this, item.json), ...replaced } }];
    };
    const prepare = () => setUpDelivery(this, destinationOf);
    return [await eachItem(this, prepare, replace, { retried: true, atOnce: Infinity })];
  };
}
