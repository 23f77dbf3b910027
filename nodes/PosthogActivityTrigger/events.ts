import type { INodeProperties, ITriggerFunctions, IWebhookFunctions } from 'n8n-workflow';
import { commaSeparated, list, fields as objectFields, text } from '../../core/values';
import { STANDARD_EVENTS } from '../../core/posthog/describe';
import type { CustomEvent, WantedEvents } from '../../core/posthog/types';
import { triggerParameters } from '../shared/operations/parameters';

const customEvents: INodeProperties = {
  displayName: 'Custom Events',
  name: 'customEvents',
  type: 'fixedCollection',
  typeOptions: { multipleValues: true },
  placeholder: 'Add Event',
  default: {},
  description: "Events of your own that become actions, beside PostHog's page views and clicks",
  options: [
    {
      displayName: 'Event',
      name: 'events',
      values: [
        {
          displayName: 'Name',
          name: 'name',
          type: 'string',
          default: '',
          placeholder: 'e.g. plan upgraded',
          description: 'As your product sends it; case matters',
        },
        {
          displayName: 'Properties to Show',
          name: 'properties',
          type: 'string',
          default: '',
          placeholder: 'e.g. plan, seats',
          description: 'Names of properties, separated by commas. Their values end up in notes.',
        },
      ],
    },
  ],
};

const allCustomEvents: INodeProperties = {
  displayName: 'All Custom Events',
  name: 'allCustomEvents',
  type: 'boolean',
  default: false,
  description:
    'Whether all other events of your own become actions, too, by their names. PostHog then sends every event.',
};

export const eventFields = { customEvents, allCustomEvents };

/** Reads which events a trigger wants. */
export function readEvents(
  context: Pick<ITriggerFunctions | IWebhookFunctions, 'getNodeParameter' | 'getNode'>,
): WantedEvents {
  const { raw, options } = triggerParameters(context);
  const custom = list(objectFields(raw(customEvents)).events).flatMap((one): CustomEvent[] => {
    const { name, properties } = objectFields(one);
    const said = text(name).trim();
    return said === '' ? [] : [{ name: said, properties: commaSeparated(text(properties)) }];
  });
  return { custom, all: options.isOn(allCustomEvents) };
}

/** The names of the events to ask PostHog for; empty for all. */
export function namesOf({ custom, all }: WantedEvents): string[] {
  return all ? [] : [...new Set([...STANDARD_EVENTS, ...custom.map(({ name }) => name)])];
}
