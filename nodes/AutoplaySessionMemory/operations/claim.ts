import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { isClaim } from '../../../core/delivery/handOut';
import type { Item } from '../../shared/operations/run';

const EXAMPLE = "={{ $('Claim activity').item.json.claim }}";

/** Which of the claimed notes is meant. */
export const claimField: INodeProperties = {
  displayName: 'Claim',
  name: 'claim',
  type: 'string',
  required: true,
  default: EXAMPLE,
  description:
    'The claim field of the item from Claim Activity. Replace ‘Claim activity’ with the name of your node.',
};

/** The item's claim. @throws NodeOperationError when it names none */
export function claimOf(item: Item): string {
  const claim = item.text(claimField);
  if (isClaim(claim)) return claim;
  throw item.fault(
    'This item names no claim',
    `Set Claim to the field claim of the item from Claim Activity: ${EXAMPLE.slice(1)}, with the name of that node.`,
  );
}

/** Says so in a hint at the execution: Forget may have left the note out because its id was not known yet. */
export function hintUnknown(context: Pick<IExecuteFunctions, 'addExecutionHints'>): void {
  context.addExecutionHints({
    message:
      'The claim of an item is not known any more: the note was marked before, or its visitor was forgotten. If the visitor was forgotten while the note was being posted, look for it in the conversation.',
    type: 'warning',
  });
}
