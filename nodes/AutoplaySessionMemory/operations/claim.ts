import { NodeOperationError, type IExecuteFunctions, type INodeProperties } from 'n8n-workflow';
import { isClaim } from '../../../core/delivery/handOut';
import type { Show } from '../../shared/actions';
import { text } from './fields';

const EXAMPLE = "={{ $('Claim activity').item.json.claim }}";

/** Which of the notes that were handed out is meant. */
export function claimField(show: Show): INodeProperties {
  return {
    displayName: 'Claim',
    name: 'claim',
    type: 'string',
    required: true,
    displayOptions: { show },
    default: EXAMPLE,
    description:
      'The field claim of the item that Claim Activity gave out; put the name of your node in the place of ‘Claim activity’',
  };
}

/** The item's claim. @throws NodeOperationError when it names none */
export function claimOf(context: IExecuteFunctions, itemIndex: number): string {
  const claim = text(context, 'claim', itemIndex) ?? '';
  if (isClaim(claim)) return claim;
  throw new NodeOperationError(context.getNode(), 'This item names no claim', {
    itemIndex,
    description: `Set Claim to the field claim of the item from Claim Activity: ${EXAMPLE.slice(1)}, with the name of that node.`,
  });
}

/** Told as a warning: the note may be one that Forget could not name. */
export function tellOfUnknown(context: Pick<IExecuteFunctions, 'addExecutionHints'>): void {
  context.addExecutionHints({
    message:
      'The claim of an item is not known any more: the note was marked before, or its visitor was forgotten. Look in the conversation if that was while it was being posted.',
    type: 'warning',
  });
}
