import type { INodeProperties } from 'n8n-workflow';
import { LINK_WINDOW_MS } from '../../../core/delivery/claim';
import { deliverActivity } from '../../../core/delivery/deliver';
import { ConversationGoneError } from '../../../core/delivery/destination';
import { products } from '../../../core/products';
import { sessionOf, unlessGone } from '../items';
import { notice, optionsField } from '../operations/fields';
import { operation, type Operation } from '../operations/operation';
import type { Outcome } from '../operations/run';
import { releaseSessions } from '../release';
import { deliversInto } from '../steps';
import { formatFields } from './format';
import { paceFields, paceOf, pausedFields, pauseHint } from './pace';
import { notLinked, setUpDelivery, type DestinationOf } from './setUp';

/** An option of every operation that lists activity for a conversation. */
export const linkWindow: INodeProperties = {
  displayName: 'Seconds Before the Link',
  name: 'linkWindow',
  type: 'number',
  typeOptions: { minValue: 0 },
  default: LINK_WINDOW_MS / 1_000,
  description: 'How far back the first note of a conversation reaches',
};

/** How activity notes are written: fields of every operation that composes them. */
export const activityFormat = formatFields('activity');

const SETUP = notice(
  'deliverNotice',
  'Needs <b>Session Memory: Remember</b> before it, and <b>Session Memory: Link</b> where visitors’ messages come in, all with the same Memory. Failed deliveries are retried by themselves.',
);

const NOT_LINKED = 1;

const UNNAMED =
  'Posted 0 notes: no session is named. Put Session Memory: Remember or Link before this node.';
const AWAITED =
  'Posted 0 notes: the conversation waits for its visitor’s session, which has not been remembered yet. In a test, execute Session Memory: Remember first.';
const unlinked = (chat: string) => {
  const name = products.find((one) => one.chat === chat)?.name ?? chat;
  return `Posted 0 notes: the session is not linked to a conversation in ${name}. Session Memory: Link does that where visitors’ messages come in, with the same Memory.`;
};
const NOTHING_NEW = 'Posted 0 notes: the conversation has all activity already.';
const LATER = 'Posted 0 notes now: the activity is posted by another execution or later.';

/**
 * Each item with its `conversation_id`, the `notes` that were posted, a `summary_note` that came before them, and why and
 * until when notes wait (`paused`, `paused_until`); or by Not Linked.
 */
export function deliverTo(destinationOf: DestinationOf): Operation {
  return operation({
    value: 'deliver',
    name: 'Deliver',
    action: 'Deliver activity',
    description: 'Post what the visitor did since the last note as a new note',
    title: 'Deliver Activity',
    fields: [
      SETUP,
      paceFields.pace,
      ...activityFormat.all,
      optionsField(linkWindow, ...paceFields.options, ...activityFormat.options),
    ],
    outputs: ['Delivered', 'Not Linked'],
    retried: true,
    // All at once: the gate knows best which session is next.
    atOnce: Infinity,
    async prepare(context) {
      // Claims keep the order of a session's notes, so what it does meanwhile can already be remembered.
      await releaseSessions(context);
      return await setUpDelivery(context, destinationOf);
    },
    async run(item, { memoryOf, partsFor }): Promise<Outcome> {
      const session = sessionOf(memoryOf(item.index), item);
      if (!session) {
        const hint = item.json.link_status === 'waiting' ? AWAITED : UNNAMED;
        return { ...notLinked(), output: NOT_LINKED, hint };
      }
      const condition = {
        format: activityFormat.formatOf(item),
        linkWindowMs: item.options.milliseconds(linkWindow, 1_000),
        pace: paceOf(item),
      };
      const parts = partsFor(item);
      const outcome = await unlessGone(item.context, deliverActivity(parts, session, condition));
      deliversInto(item.context.getWorkflow().id ?? '', parts.destination.chat);
      if (outcome instanceof ConversationGoneError) {
        const gone = { conversation_id: null, link_ended: outcome.conversationId };
        return { ...notLinked(gone), output: NOT_LINKED };
      }
      const { leftForLater } = outcome;
      if (outcome.status === 'not_linked') {
        const hint = unlinked(parts.destination.chat);
        return { ...notLinked(), output: NOT_LINKED, leftForLater, hint };
      }
      const { conversationId, notes, summaryNote, pause } = outcome;
      const json = {
        conversation_id: conversationId,
        notes,
        ...(summaryNote && { summary_note: summaryNote }),
        ...(pause && pausedFields(pause)),
      };
      const reason = pause ? pauseHint(pause) : leftForLater ? LATER : NOTHING_NEW;
      return {
        json,
        leftForLater,
        ...(pause?.until && { lookAgainAt: pause.until }),
        worked: notes.length > 0,
        ...(notes.length === 0 && { hint: reason }),
      };
    },
  });
}
