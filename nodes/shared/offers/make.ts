import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { systemClock } from '../../../core/clock';
import { LEASE_MS } from '../../../core/delivery/lease';
import type { OfferRequest } from '../../../core/memory/offers';
import type { OfferChannel } from '../../../core/offers/channel';
import { makeOffer, type Making } from '../../../core/offers/make';
import { shorten, visible } from '../../../core/text/visible';
import { fields, idOrNull, text } from '../../../core/values';
import { sessionOf } from '../items';
import { openMemory } from '../memory/open';
import { memorySettings } from '../memory/settings';
import { notice, optionsField, textField, textOf } from '../operations/fields';
import { operation, type Operation } from '../operations/operation';
import type { Item, Outcome } from '../operations/run';
import { choicesField, choicesOf } from './choices';
import { mannersField, mannersOf } from './manners';

/** An offer is one or two sentences, in characters. */
const LONGEST = 300;

/** What differs between chat products when an offer is made. */
export interface OfferMaking {
  /** Fields below the choices, and more options. */
  fields: readonly INodeProperties[];
  options: readonly INodeProperties[];
  prepare(context: IExecuteFunctions): Promise<{
    isAway(): boolean;
    /** An item's channel: by expressions, items may have authors and ways of their own. */
    channel(item: Item): Promise<OfferChannel>;
  }>;
}

const moment: INodeProperties = {
  displayName: 'Moment',
  name: 'moment',
  type: 'json',
  default: '={{ $json }}',
  description:
    'The item of Detect Moments. Behind a model, which passes on nothing but its text, point to that step.',
};

const offerText: INodeProperties = {
  ...textField(
    'One sentence that says what helps, not what was seen; up to 150 characters read well',
    'Comparing plans? I can show the difference.',
  ),
  default: 'Need a hand? I can help you right here.',
};

const observeOnly: INodeProperties = {
  displayName: 'Observe Only',
  name: 'observeOnly',
  type: 'boolean',
  default: true,
  description:
    'Whether to send nothing: offers are decided upon and counted, as a rehearsal. Switch it off once the report looks right.',
};

const objected: INodeProperties = {
  displayName: 'Visitor Objected',
  name: 'objected',
  type: 'boolean',
  default: false,
  description: 'Whether the visitor wants no offers, as far as the item says: an expression',
};

const visitorZone: INodeProperties = {
  displayName: 'Visitor Time Zone',
  name: 'visitorZone',
  type: 'string',
  default: '',
  placeholder: 'e.g. America/New_York',
  description: "The visitor's own time zone, for quiet hours, where the item says it",
};

const goalPage: INodeProperties = {
  displayName: 'Goal: Page',
  name: 'goalPage',
  type: 'string',
  default: '',
  placeholder: 'e.g. /plans/confirmed',
  description: 'The page that shows that the visitor got there, with asterisks; for the report',
};

const goalTitle: INodeProperties = {
  displayName: 'Goal: Action',
  name: 'goalTitle',
  type: 'string',
  default: '',
  placeholder: 'e.g. Project created',
  description: 'A part of the title of the action that shows it; either of the two is enough',
};

const goalMinutes: INodeProperties = {
  displayName: 'Goal: Within (Minutes)',
  name: 'goalMinutes',
  type: 'number',
  typeOptions: { minValue: 1, maxValue: 1_440 },
  default: 30,
  description: 'How long after the moment the goal counts',
};

const NOT_MADE = 1;

/**
 * Each moment by Made with `offer_id`, `conversation_id` and `offer_message_id`; or by Not Made with `offer_id` (null where none
 * was decided upon) and `reason`.
 */
export function makeOffers({ fields: more, options, prepare }: OfferMaking): Operation {
  return operation({
    value: 'make',
    name: 'Make',
    action: 'Make an offer',
    description: 'Offer help because of a moment, once, and only if manners allow it',
    title: 'Make an Offer',
    fields: [
      notice(
        'offerNotice',
        'Comes after <b>Detect Moments</b>, with the same Memory. <b>Session Memory: Record Choice</b> goes on with what the visitor chooses.',
      ),
      observeOnly,
      moment,
      offerText,
      choicesField,
      ...more,
      mannersField,
      optionsField(
        ...[goalTitle, goalPage, goalMinutes, objected, visitorZone, ...options].toSorted((a, b) =>
          a.displayName.localeCompare(b.displayName),
        ),
      ),
    ],
    outputs: ['Made', 'Not Made'],
    async prepare(context) {
      const { storage, memoryOf } = await openMemory(context);
      const { retentionMs } = await memorySettings(context);
      const { isAway, channel } = await prepare(context);
      const parts = { memory: storage, isAway, retentionMs, clock: systemClock };
      return { memoryOf, channel, parts: { ...parts, random: Math.random } };
    },
    async run(item, { memoryOf, channel, parts }): Promise<Outcome> {
      const given = fields(item.raw(moment));
      const session = sessionOf(memoryOf(item.index), { json: given as IDataObject });
      const moment_id = idOrNull(given.moment_id);
      if (!session || moment_id === null) {
        throw item.fault(
          'This item is no moment',
          'Put Detect Moments before this node, or set Moment to its item.',
        );
      }
      const own = await channel(item);
      const request = { ...requestOf(item), session, chat: own.chat, moment: readMoment(given) };
      return outcomeOf(await makeOffer({ ...parts, channel: own }, request));
    },
  });
}

function readMoment(given: Record<string, unknown>): OfferRequest['moment'] {
  const at = typeof given.at === 'number' ? given.at : Date.parse(text(given.at));
  return {
    moment_id: text(given.moment_id),
    name: text(given.name) || text(given.rule),
    rule_version: text(given.rule_version),
    at: Number.isFinite(at) ? at : systemClock.now(),
    page: text(given.page),
  };
}

function requestOf(item: Item): Omit<OfferRequest, 'session' | 'chat' | 'moment'> {
  const page = item.options.text(goalPage);
  const title = item.options.text(goalTitle);
  const goal = { ...(page && { page }), ...(title && { title }) };
  const withinMs = item.options.milliseconds(goalMinutes, 60_000);
  const timeZone = item.options.text(visitorZone);
  return {
    text: shorten(visible(textOf(item)), LONGEST),
    choices: choicesOf(item),
    manners: mannersOf(item),
    observeOnly: item.isOn(observeOnly),
    optedOut: item.options.isOn(objected),
    ...(timeZone && { timeZone }),
    ...((page || title) && { goal: { ...goal, withinMs } }),
    leaseMs: LEASE_MS,
  };
}

function outcomeOf(making: Making): Outcome {
  switch (making.status) {
    case 'made':
    case 'sent': {
      const { offer_id, conversation_id, message_ref } = making;
      const json = { offer_id, conversation_id, offer_message_id: message_ref };
      return { json };
    }
    case 'held_back':
      return notMade(making.offer_id, making.reason);
    case 'observed':
      return notMade(making.offer_id, 'observe_only');
    case 'unknown_session':
      return notMade(null, 'unknown_session');
    case 'busy':
      return notMade(making.offer_id, 'busy');
    case 'failed':
      return notMade(making.offer_id, 'failed');
  }
}

const notMade = (offer_id: string | null, reason: string): Outcome => ({
  json: { offer_id, reason },
  output: NOT_MADE,
});
