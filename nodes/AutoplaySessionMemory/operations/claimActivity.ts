import type { INodeProperties } from 'n8n-workflow';
import { systemClock } from '../../../core/clock';
import type { ActivityCondition } from '../../../core/delivery/claim';
import { createPortion, type HandedOut, type Portion } from '../../../core/delivery/handOut';
import { LEASE_MS } from '../../../core/delivery/lease';
import { activityFormat, linkWindow } from '../../shared/activity/deliver';
import { paceFields, paceOf, pausedFields, pauseHint } from '../../shared/activity/pace';
import { sessionOf } from '../../shared/items';
import { openMemory } from '../../shared/memory/open';
import { optionsField } from '../../shared/operations/fields';
import { operation } from '../../shared/operations/operation';
import type { Item, Outcome } from '../../shared/operations/run';
import { chatFields, chatOf } from './chat';

const secondsToPost: INodeProperties = {
  displayName: 'Seconds to Post',
  name: 'secondsToPost',
  type: 'number',
  typeOptions: { minValue: 10, maxValue: 600 },
  default: LEASE_MS / 1_000,
  description:
    'How long the note is reserved for this execution, plus two seconds for each note claimed with it (at most 100). Must be longer than the timeout of the HTTP Request, because the note is handed out again afterwards.',
};

const NOTHING_TO_POST = 1;

/**
 * Each item with `claim_status`. By the first output also with its `conversation_id`, the `activity_note` to post in
 * it, and the `claim` on that note.
 */
export const claimActivity = operation({
  value: 'claimActivity',
  name: 'Claim Activity',
  action: 'Claim activity',
  description:
    'Get new activity as a note for another node to post. For chat products without a node of their own.',
  fields: [
    ...chatFields,
    paceFields.pace,
    ...activityFormat.all,
    optionsField(linkWindow, secondsToPost, ...paceFields.options, ...activityFormat.options),
  ],
  outputs: ['To Post', 'Nothing to Post'],
  retried: true,
  async prepare(context) {
    const { storage, memoryOf } = await openMemory(context);
    const portions = new Map<string, Portion>();
    /** Items with the same chat product and options share a portion. */
    const portionFor = (item: Item) => {
      const parts = [chatOf(item), conditionOf(item)] as const;
      const key = JSON.stringify(parts);
      const portion =
        portions.get(key) ?? createPortion({ memory: storage, clock: systemClock }, ...parts);
      portions.set(key, portion);
      return portion;
    };
    return { memoryOf, portionFor };
  },
  async run(item, { memoryOf, portionFor }) {
    const memory = memoryOf(item.index);
    const session = sessionOf(memory, item);
    const portion = portionFor(item);
    const outcome: HandedOut = session ? await portion.handOut(session) : { status: 'not_linked' };
    if (outcome.status === 'not_linked') {
      return { json: { claim_status: outcome.status }, output: NOTHING_TO_POST };
    }
    const { status, conversationId } = outcome;
    const linked = { claim_status: status, conversation_id: conversationId };
    if (status === 'busy') return busy(conversationId);
    if (status === 'paused') {
      const { pause } = outcome;
      return {
        json: { ...linked, ...pausedFields(pause) },
        output: NOTHING_TO_POST,
        hint: pauseHint(pause),
        ...(pause.until && { lookAgainAt: pause.until }),
      };
    }
    if (status !== 'claimed') return { json: linked, output: NOTHING_TO_POST };
    const { text, actions, triedBefore, claim } = outcome;
    const activity_note = { text, actions, tried_before: triedBefore };
    return {
      json: { ...linked, claim, activity_note },
      // The first of many claims may have waited long for the last. One that cannot be confirmed comes again.
      async afterAll() {
        const isOurs = await portion.confirm(memory.name, claim).catch(() => false);
        return isOurs ? undefined : busy(conversationId);
      },
    };
  },
});

/** Another execution has the session, and may not see what came after its note. */
function busy(conversationId: string): Outcome {
  const json = { claim_status: 'busy', conversation_id: conversationId };
  return { json, output: NOTHING_TO_POST, leftForLater: true };
}

function conditionOf(item: Item): ActivityCondition {
  const { options } = item;
  return {
    format: activityFormat.formatOf(item),
    pace: paceOf(item),
    linkWindowMs: options.milliseconds(linkWindow, 1_000),
    leaseMs: options.milliseconds(secondsToPost, 1_000),
  };
}
