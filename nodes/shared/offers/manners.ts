import type { INodeProperties } from 'n8n-workflow';
import { DEFAULT_MANNERS, mannersFault } from '../../../core/manners/defaults';
import type { Manners } from '../../../core/manners/types';
import { commaSeparated } from '../../../core/values';
import type { Item } from '../operations/run';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const PERCENT = 0.01;

type NumberOf = { [K in keyof Manners]: Manners[K] extends number ? K : never }[keyof Manners];

/** A limit that the panel shows as a number. */
interface Shown {
  manner: NumberOf;
  name: string;
  displayName: string;
  /** What one unit of the panel is in the manner. */
  unit?: number;
  description: string;
  maxValue?: number;
}

const NUMBERS: readonly Shown[] = [
  {
    ...{ manner: 'earliestMs', name: 'earliestSeconds', unit: SECOND },
    ...{ displayName: 'Earliest in a Visit (Seconds)' },
    description: 'No offer earlier in a visit than this',
  },
  {
    ...{ manner: 'holdout', name: 'holdoutPercent', unit: PERCENT, maxValue: 100 },
    ...{ displayName: 'Holdout Group (Percent)' },
    description: 'The share of persons who get no offers, so that the effect can be measured',
  },
  {
    ...{ manner: 'ignoredAfterMs', name: 'ignoredMinutes', unit: MINUTE },
    ...{ displayName: 'Ignored After (Minutes)' },
    description: 'How long an offer waits for an answer',
  },
  {
    ...{ manner: 'perMinute', name: 'perMinute' },
    ...{ displayName: 'Max per Minute' },
    description: 'The maximum number of offers a minute in the whole product',
  },
  {
    ...{ manner: 'perWeek', name: 'perWeek' },
    ...{ displayName: 'Max per Person and Week' },
    description: 'The maximum number of offers to one person in seven days',
  },
  {
    ...{ manner: 'perRule', name: 'perRule' },
    ...{ displayName: 'Max per Rule and Person' },
    description: 'How often one person is offered help because of the same rule, in 90 days',
  },
  {
    ...{ manner: 'perSession', name: 'perSession' },
    ...{ displayName: 'Max per Session' },
    description: 'The maximum number of offers in one session',
  },
  {
    ...{ manner: 'afterAcceptedMs', name: 'acceptedDays', unit: DAY },
    ...{ displayName: 'Pause After Accepted (Days)' },
    description: 'How long a person is left alone after an offer was accepted or answered',
  },
  {
    ...{ manner: 'afterConversationMs', name: 'conversationHours', unit: HOUR },
    ...{ displayName: 'Pause After a Conversation (Hours)' },
    description: 'How long its last message silences offers, as an open conversation always does',
  },
  {
    ...{ manner: 'afterDismissedMs', name: 'dismissedDays', unit: DAY, maxValue: 90 },
    ...{ displayName: 'Pause After Dismissed (Days)' },
    description: 'How long the rule leaves a person alone who dismissed its offer',
  },
  {
    ...{ manner: 'afterTwoDismissalsMs', name: 'dismissedTwiceDays', unit: DAY, maxValue: 90 },
    ...{ displayName: 'Pause After Dismissed Twice (Days)' },
    description: 'How long a person is left alone who dismissed two offers in a row',
  },
  {
    ...{ manner: 'afterIgnoredMs', name: 'ignoredHours', unit: HOUR },
    ...{ displayName: 'Pause After Ignored (Hours)' },
    description: 'How long a person is left alone who did not answer',
  },
  {
    ...{ manner: 'afterShownMs', name: 'shownHours', unit: HOUR },
    ...{ displayName: 'Pause After Shown (Hours)' },
    description: 'How long a person is left alone after any offer',
  },
  {
    ...{ manner: 'afterTypingMs', name: 'typingSeconds', unit: SECOND },
    ...{ displayName: 'Pause After Typing (Seconds)' },
    description: 'No offer for so long after the visitor typed in your product',
  },
  {
    ...{ manner: 'staleAfterMs', name: 'staleSeconds', unit: SECOND },
    ...{ displayName: 'Stale After (Seconds)' },
    description: 'No offer for a moment that is older',
  },
  {
    ...{ manner: 'stopAtDismissed', name: 'stopPercent', unit: PERCENT, maxValue: 100 },
    ...{ displayName: 'Stop Rule When Dismissed (Percent)' },
    description: 'A rule stops when more than this share of its offers were dismissed',
  },
  {
    ...{ manner: 'stopAfterShown', name: 'stopAfterShown' },
    ...{ displayName: 'Stop Rule Not Before (Offers)' },
    description: 'A rule stops only after so many of its offers were shown',
  },
];

const numberFields = NUMBERS.map(
  ({ manner, name, displayName, unit = 1, description, maxValue }) => ({
    shown: { manner, unit },
    field: {
      ...{ displayName, name, description: `${description}; 0 for no limit` },
      type: 'number' as const,
      typeOptions: { minValue: 0, ...(maxValue && { maxValue }) },
      // A quotient of two decimals may be off in the last place.
      default: Math.round((DEFAULT_MANNERS[manner] / unit) * 1_000) / 1_000,
    },
  }),
);

const text = (name: string, displayName: string, description: string, placeholder = '') => ({
  ...{ displayName, name, description, placeholder },
  type: 'string' as const,
  default: '',
});

const neverOn: INodeProperties = {
  ...text(
    'neverOn',
    'Never on Pages',
    'Where nobody may be disturbed: paths, with an asterisk for any characters. Separate several with commas.',
  ),
  default: DEFAULT_MANNERS.neverOn.join(', '),
};
const salt = text(
  'holdoutSalt',
  'Holdout Group Name',
  'Change it to draw another group, such as for another experiment',
);
const quietFrom = text(
  'quietFrom',
  'Quiet From',
  'When no offers are made, such as 22:00',
  'HH:MM',
);
const quietTo = text(
  'quietTo',
  'Quiet Until',
  'When offers are made again, such as 07:00',
  'HH:MM',
);
const timeZone: INodeProperties = {
  ...text('timeZone', 'Quiet Time Zone', "Used where the visitor's own is not known"),
  default: DEFAULT_MANNERS.timeZone,
  placeholder: 'e.g. Europe/Berlin',
};

const others = [salt, neverOn, quietFrom, quietTo, timeZone];

export const mannersField: INodeProperties = {
  displayName: 'Manners',
  name: 'manners',
  type: 'collection',
  placeholder: 'Change a limit',
  default: {},
  description: 'What has to hold so that an offer is made. Untouched limits have their defaults.',
  options: [...numberFields.map(({ field }) => field), ...others].toSorted((a, b) =>
    a.displayName.localeCompare(b.displayName),
  ),
};

/** An item's manners. @throws NodeOperationError for one that cannot hold */
export function mannersOf(item: Item): Manners {
  const given = item.collection(mannersField);
  const numbers = numberFields.map(({ shown: { manner, unit }, field }) => [
    manner,
    given.number(field) * unit,
  ]);
  const manners: Manners = {
    ...DEFAULT_MANNERS,
    ...(Object.fromEntries(numbers) as Partial<Manners>),
    ...{ holdoutSalt: given.text(salt), timeZone: given.text(timeZone) || 'UTC' },
    ...{ quietFrom: given.text(quietFrom), quietTo: given.text(quietTo) },
    neverOn: commaSeparated(given.text(neverOn)),
  };
  const fault = mannersFault(manners);
  if (fault) throw item.fault(`The manners cannot be used: ${fault}`, 'Correct them in the node.');
  return manners;
}
