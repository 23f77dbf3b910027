import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { systemClock } from '../../../core/clock';
import type { DeliveryParts } from '../../../core/delivery/post';
import { openMemory, type OpenMemory } from '../memory/open';
import type { Item, Outcome } from '../operations/run';

/** The chat product a node delivers into, as its parameters and credential say. */
export type DestinationOf = (context: IExecuteFunctions) => Promise<{
  gate: DeliveryParts['gate'];
  /** An item's destination: by an expression, its notes may have an author of their own. */
  destination(item: Item): DeliveryParts['destination'];
}>;

/** What delivering works with, and each item's memory. */
export interface DeliverySetup {
  memoryOf: OpenMemory['memoryOf'];
  partsFor(item: Item): DeliveryParts;
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

/** There was nothing to do, because the session has no conversation: the item goes out as it came. */
export function notLinked(json: IDataObject = {}): Outcome {
  return { json, toModel: { status: 'not_linked', ...json } };
}
