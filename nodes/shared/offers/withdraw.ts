import type { IExecuteFunctions } from 'n8n-workflow';
import type { OfferChannel } from '../../../core/offers/channel';
import { sessionOf } from '../items';
import { openMemory } from '../memory/open';
import { operation, type Operation } from '../operations/operation';
import type { Item } from '../operations/run';

/**
 * Each item with `offer_id`, and `withdrawn`: whether its session's latest unanswered offer is gone now; null and false
 * where there is none.
 */
export function withdrawOffers(
  prepare: (context: IExecuteFunctions) => Promise<(item: Item) => Promise<OfferChannel>>,
): Operation {
  return operation({
    value: 'withdraw',
    name: 'Withdraw',
    action: 'Withdraw an offer',
    description: "Take back the session's latest offer, unless the visitor has answered it",
    title: 'Withdraw Offer',
    fields: [],
    async prepare(context) {
      const { storage, memoryOf } = await openMemory(context);
      return { storage, memoryOf, channelOf: await prepare(context) };
    },
    async run(item, { storage, memoryOf, channelOf }) {
      const session = sessionOf(memoryOf(item.index), item);
      const channel = await channelOf(item);
      const offer = session && (await storage.openOffer(session, channel.chat));
      if (!offer) return { json: { offer_id: null, withdrawn: false } };
      const withdrawn = await channel.withdraw(offer);
      if (withdrawn) await storage.withdrawOffer(offer);
      return { json: { offer_id: offer.offer_id, withdrawn } };
    },
  });
}
