import type { IExecuteFunctions } from 'n8n-workflow';
import { systemClock } from '../../../../core/clock';
import type { DeliveryParts } from '../../../../core/delivery/post';
import { intercomFor } from '../../../shared/intercom';
import { openMemory } from '../../../shared/memory';

/** What delivering into Intercom works with, and the name of the node's memory. */
export interface DeliverySetup {
  name: string;
  parts: DeliveryParts;
}

/** Opens the memory and Intercom as the node's parameters and credentials say. */
export async function setUpDelivery(context: IExecuteFunctions): Promise<DeliverySetup> {
  const { memory, name } = await openMemory(context);
  const intercom = await intercomFor(context);
  const author = context.getNodeParameter('adminId', 0, '') as string;
  const destination = await intercom.destination(author);
  return { name, parts: { memory, destination, clock: systemClock, random: Math.random } };
}
