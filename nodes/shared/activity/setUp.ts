import type { IExecuteFunctions } from 'n8n-workflow';
import { systemClock } from '../../../core/clock';
import type { DeliveryParts } from '../../../core/delivery/post';
import { openMemory, type OpenMemory } from '../memory/open';

/** The chat product that a node delivers into, by its parameters and credential. */
export type DestinationOf = (context: IExecuteFunctions) => Promise<{
  gate: DeliveryParts['gate'];
  /** The destination of one item: expressions may give each item's notes another author. */
  destination(item: number): DeliveryParts['destination'];
}>;

/** What delivery works with, and each item's memory. */
export interface DeliverySetup {
  memoryOf: OpenMemory['memoryOf'];
  partsFor(item: number): DeliveryParts;
}

/** Opens the memory and the destination. */
export async function setUpDelivery(
  context: IExecuteFunctions,
  destinationOf: DestinationOf,
): Promise<DeliverySetup> {
  const { storage, memoryOf } = await openMemory(context);
  const { gate, destination } = await destinationOf(context);
  const parts = { memory: storage, gate, clock: systemClock, random: Math.random };
  return { memoryOf, partsFor: (item) => ({ ...parts, destination: destination(item) }) };
}
