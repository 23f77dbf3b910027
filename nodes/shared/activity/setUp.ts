import type { IExecuteFunctions } from 'n8n-workflow';
import { systemClock } from '../../../core/clock';
import type { DeliveryParts } from '../../../core/delivery/post';
import { openMemory } from '../memory';

/** The chat product a node delivers into, as its parameters and credential say. */
export type DestinationOf = (
  context: IExecuteFunctions,
) => Promise<Pick<DeliveryParts, 'destination' | 'gate'>>;

/** What delivering works with, and the name of the node's memory. */
export interface DeliverySetup {
  name: string;
  parts: DeliveryParts;
}

/** Opens the memory and the destination. */
export async function setUpDelivery(
  context: IExecuteFunctions,
  destinationOf: DestinationOf,
): Promise<DeliverySetup> {
  const { memory, name } = await openMemory(context);
  const into = await destinationOf(context);
  return { name, parts: { memory, ...into, clock: systemClock, random: Math.random } };
}
