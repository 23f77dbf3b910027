import type { INodeProperties } from 'n8n-workflow';
import { memoryFields } from '../memory/fields';
import type { Resource } from '../operations/router';
import { makeOffers, type OfferMaking } from './make';
import { withdrawOffers } from './withdraw';

/** An option of every chat product. */
export const onlyWhileThere: INodeProperties = {
  displayName: 'Only While the Team Is There',
  name: 'onlyWhileThere',
  type: 'boolean',
  default: false,
  description: 'Whether to make offers only while somebody can take over. Costs one call.',
};

/** The resource Offer, which is the same in every chat product but for how visitors are found. */
export function offerResource(making: OfferMaking): Resource {
  const withdraw = withdrawOffers(async (context) => (await making.prepare(context)).channel);
  return {
    value: 'offer',
    name: 'Offer',
    byDefault: 'make',
    operations: [makeOffers(making), withdraw],
    fields: memoryFields,
  };
}
