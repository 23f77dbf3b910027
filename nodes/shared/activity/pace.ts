import type { INodeProperties } from 'n8n-workflow';
import { MANY_NOTES, MOST_NOTES, type Pace, type Pause } from '../../../core/memory/pace';
import { choiceField } from '../operations/parameters';
import type { Item } from '../operations/run';

const FOLLOW = 'follow';
const MINUTE = 60_000;

const pace = choiceField({
  displayName: 'Pace',
  name: 'pace',
  type: 'options',
  options: [
    {
      name: 'As It Happens',
      value: 'asItHappens',
      description: 'A note every few seconds while the visitor is active',
    },
    {
      name: 'Follow the Conversation',
      value: FOLLOW,
      description:
        'At once while people talk, then at most one a minute, and none once the conversation is closed or quiet',
    },
  ],
  default: 'asItHappens',
  description: 'When to post notes. Activity that waits comes with the next note or in a summary.',
});

const follows = { show: { '/pace': [FOLLOW] } };

const live: INodeProperties = {
  displayName: 'At Once for (Minutes)',
  name: 'liveMinutes',
  type: 'number',
  typeOptions: { minValue: 0, maxValue: 1_440 },
  displayOptions: follows,
  default: 2,
  description: 'How long to post at once after a message',
};

const calm: INodeProperties = {
  displayName: 'Then One Note Every (Seconds)',
  name: 'calmSeconds',
  type: 'number',
  typeOptions: { minValue: 1, maxValue: 3_600 },
  displayOptions: follows,
  default: 60,
  description: `The minimum time between notes after that: ten times as long from ${MANY_NOTES} notes on. From ${MOST_NOTES} on, there are none.`,
};

const end: INodeProperties = {
  displayName: 'No Notes After (Minutes)',
  name: 'endMinutes',
  type: 'number',
  typeOptions: { minValue: 0, maxValue: 10_080 },
  displayOptions: follows,
  default: 30,
  description: 'How long after the last message to stop, until the next message',
};

/** How a step that posts activity follows the conversation: a field of its own, and options. */
export const paceFields = { pace, options: [live, calm, end] };

/** The pace that the item's parameters ask for; undefined for activity as it happens. */
export function paceOf(item: Item): Pace | undefined {
  if (item.choice(pace) !== FOLLOW) return undefined;
  return {
    liveMs: item.options.milliseconds(live, MINUTE),
    calmMs: item.options.milliseconds(calm, 1_000),
    endMs: item.options.milliseconds(end, MINUTE),
  };
}

const REASONS: Record<Pause['reason'], string> = {
  calm: 'people have stopped talking for now, and the conversation got a note a moment ago',
  many: `the conversation has ${MANY_NOTES} notes or more, so it gets few`,
  quiet: 'the conversation has been silent for a while',
  closed: 'the conversation is closed or snoozed',
  full: `the conversation has ${MOST_NOTES} notes, and the chat product shows only its latest parts`,
};

/** Why no note was posted, in a sentence. */
export function pauseHint({ reason, until }: Pause): string {
  const end = until === null && reason !== 'full' ? ', until the visitor or a teammate writes' : '';
  return `Posted 0 notes: ${REASONS[reason]}. What the visitor does is kept${end}.`;
}

/** What an item says of a pause: until when notes wait, in ISO form; null until the visitor or a teammate writes. */
export function pausedFields({ reason, until }: Pause) {
  return { paused: reason, paused_until: until === null ? null : new Date(until).toISOString() };
}
