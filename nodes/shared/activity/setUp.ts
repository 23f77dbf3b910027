import type { IExecuteFunctions } from 'n8n-workflow';
import { systemClock } from '../../../core/clock';
import type { DeliveryParts } from '../../../core/delivery/post';
import { openMemory, type OpenMemory } from '../memory';

/** The chat product a node delivers into, as its parameters and credential say. */
export type DestinationOf = (
  context: IExecuteFunctions,
) => Promise<Pick<DeliveryParts, 'destination' | 'gate'>>;

/** What delivering works with, and the name of each item's memory. */
export interface DeliverySetup {
  nameOf: OpenMemory['nameOf'];
  parts: DeliveryParts;
}

/** Opens the memory and the destination. */
export async function setUpDelivery(
  context: IExecuteFunctions,
  destinationOf: DestinationOf,
): Promise<DeliverySetup> {
  const { memory, nameOf } = await openMemory(context);
  const into = await destinationOf(context);
  return { nameOf, parts: { memory, ...into, clock: systemClock, random: Math.random } };
}
