import type { INodeProperties } from 'n8n-workflow';
import { filterOptions, leaveOutField } from '../shared/batching/filters';
import { batchingFields } from '../shared/batching/options';
import { memoryFields, storageFields } from '../shared/memory/fields';
import { notice, optionsField, shownFor } from '../shared/operations/fields';
import { choiceField } from '../shared/operations/parameters';
import { queryStringsOption } from '../shared/queryStrings';
import { eventFields } from './events';

export const source = choiceField<'stream' | 'webhook'>({
  displayName: 'Source',
  name: 'source',
  type: 'options',
  noDataExpression: true,
  options: [
    {
      name: 'Live Stream',
      value: 'stream',
      description:
        'n8n connects to PostHog. Works behind a firewall; events of an outage are lost.',
    },
    {
      name: 'Webhook',
      value: 'webhook',
      description:
        'PostHog calls n8n, which needs a public address. Knows email addresses and errors.',
    },
  ],
  default: 'stream',
});

export const registration = choiceField<'automatic' | 'byHand'>({
  displayName: 'Registration',
  name: 'registration',
  type: 'options',
  noDataExpression: true,
  options: [
    {
      name: 'Automatic',
      value: 'automatic',
      description:
        'Publishing makes the destination in PostHog, unpublishing removes it. The key needs hog_function:write.',
    },
    {
      name: 'By Hand',
      value: 'byHand',
      description: 'You make the destination in PostHog yourself',
    },
  ],
  default: 'automatic',
});

const leaveOutActions = leaveOutField([
  { name: 'Click', value: 'click' },
  { name: 'Copy', value: 'copy' },
  { name: 'Custom Event', value: 'event' },
  { name: 'Dead Click', value: 'dead_click' },
  { name: 'Error', value: 'error' },
  { name: 'Page View', value: 'pageview' },
  { name: 'Rage Click', value: 'rage_click' },
  { name: 'Submit', value: 'submit' },
  { name: 'Type', value: 'type' },
]);

const stream = { source: ['stream'] };
const webhook = { source: ['webhook'] };

/** The memory that deliveries are remembered in, without the storage, which both sources need. */
const ownMemory = memoryFields.filter((field) => !storageFields.includes(field));

const options = [
  eventFields.allCustomEvents,
  shownFor(queryStringsOption, { '/source': ['webhook'] }),
  ...filterOptions,
  ...Object.values<INodeProperties>(batchingFields),
].sort((a, b) => a.displayName.localeCompare(b.displayName));

export const properties: INodeProperties[] = [
  source,
  shownFor(
    notice(
      'streamNotice',
      'The key in the credential needs the scope <b>project:read</b>. PostHog uses this stream for its own Live view and does not document it, so it may change. It names no email addresses: link conversations by user ID, or choose Webhook.',
    ),
    stream,
  ),
  shownFor(registration, webhook),
  shownFor(
    notice(
      'automaticNotice',
      'The key in the credential needs the scopes <b>project:read</b> and <b>hog_function:write</b>. PostHog bills destinations by event.',
    ),
    { ...webhook, registration: ['automatic'] },
  ),
  shownFor(
    notice(
      'byHandNotice',
      `In PostHog, add a destination of the kind <b>HTTP Webhook</b>:
      <ul>
        <li>Webhook URL: the Production URL, under Webhook URLs above</li>
        <li>JSON Body: leave it as it is</li>
        <li>Signing secret: the same as in the credential. Where PostHog has no such field, add the header X-N8n-Secret with it instead.</li>
        <li>Filters: Pageview, Autocapture, Identify, and the other events that you want</li>
      </ul>`,
    ),
    { ...webhook, registration: ['byHand'] },
  ),
  notice(
    'itemsNotice',
    'Each item is one session: the visitor, as far as known, and their new actions. Add <b>Autoplay Session Memory: Remember</b> next.',
  ),
  eventFields.customEvents,
  ...ownMemory.map((field) => shownFor(field, webhook)),
  ...storageFields,
  leaveOutActions,
  optionsField(...options),
];
