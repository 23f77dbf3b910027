import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { systemClock } from '../../../core/clock';
import { reportOf, type OfferReport } from '../../../core/manners/report';
import { productOf as chatProduct } from '../../../core/memory/chatKey';
import { isTool } from '../../shared/isTool';
import { openMemory } from '../../shared/memory/open';
import { operation } from '../../shared/operations/operation';
import { productOf, productOptions } from './identity';
import { hintNothing } from './nothing';

const DAY_MS = 24 * 3_600_000;

const days: INodeProperties = {
  displayName: 'Days',
  name: 'days',
  type: 'number',
  // Offers are kept for as long.
  typeOptions: { minValue: 1, maxValue: 90 },
  default: 30,
  description: 'How many days back to count offers',
};

/** One item per rule and page; as a tool of an AI Agent, one answer with all. */
export const reportOffers = operation({
  value: 'reportOffers',
  name: 'Report Offers',
  action: 'Report offers',
  description: 'See how offers do, by rule and page: who accepts them, and what they achieve',
  fields: [days, productOptions('Counts only offers in this product')],
  prepare: (context) => openMemory(context),
  async run(item, { storage, memoryOf }) {
    const memory = memoryOf(item.index);
    const since = systemClock.now() - item.milliseconds(days, DAY_MS);
    const counts = await memory.reportOffers({ since, product_id: productOf(item) });
    if (counts.length === 0 && !isTool(item.context)) {
      await hintNothing(item.context, storage, memory, 'No offer was decided upon in this time.');
    }
    const each = counts.map((one) => shown(reportOf(one), since));
    return { json: {}, each, toModel: { offers: each } };
  },
});

function shown({ chat, ...report }: OfferReport, since: number): IDataObject {
  const known = { ...report, chat: chatProduct(chat), since: new Date(since).toISOString() };
  return known;
}
