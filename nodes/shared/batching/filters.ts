import type { INodeProperties, ITriggerFunctions, IWebhookFunctions } from 'n8n-workflow';
import type { FilterRules } from '../../../core/filter/filter';
import { patternsFault } from '../../../core/payload/pages';
import { triggerParameters } from '../operations/parameters';

/** From this version on, triggers leave out what says little about a visitor, unless they are told otherwise. */
const SINCE = 1.1;

const types: INodeProperties = {
  displayName: 'Leave Out Actions',
  name: 'leaveOutActions',
  type: 'multiOptions',
  options: [
    { name: 'Blur (Leaving a Field)', value: 'blur' },
    { name: 'Click', value: 'click' },
    { name: 'Focus (Entering a Field)', value: 'focus' },
    { name: 'Page View', value: 'pageview' },
    { name: 'Submit', value: 'submit' },
    { name: 'Type', value: 'type' },
  ],
  default: ['focus', 'blur'],
  description:
    'Types of actions to ignore. They are not stored and start no execution. To ignore pages and people, see Options.',
};

/** The same field for a source with other types of actions, all of which say something about a visitor. */
export const leaveOutField = (options: INodeProperties['options']): INodeProperties => ({
  ...types,
  options: options ?? [],
  default: [],
});

/** The versions of a trigger that have the filter. */
export const FILTER_VERSIONS = [1, SINCE];

/** What is left out by type: a field of every trigger that brings activity. */
export const filterFields: INodeProperties[] = [
  { ...types, displayOptions: { show: { '@version': [{ _cnd: { gte: SINCE } }] } } },
  // Workflows that were saved before go on as they were.
  { ...types, default: [], displayOptions: { show: { '@version': [{ _cnd: { lt: SINCE } }] } } },
];

/** What makes a field a list of texts. */
const texts = (button: string) =>
  ({
    type: 'string',
    typeOptions: { multipleValues: true, multipleValueButtonText: button },
    default: [],
  }) satisfies Partial<INodeProperties>;

const otherTypes: INodeProperties = {
  displayName: 'Leave Out Other Actions',
  name: 'leaveOutTypes',
  ...texts('Add Type'),
  placeholder: 'e.g. scroll',
  description: 'Other types to ignore, as in the field type of an action',
};

const pages: INodeProperties = {
  displayName: 'Leave Out Pages',
  name: 'leaveOutPages',
  ...texts('Add Page'),
  placeholder: 'e.g. /admin/*',
  description:
    'Pages to ignore: a path on every host, or a host with all its pages, such as admin.example.com. An asterisk stands for any characters.',
};

const emails: INodeProperties = {
  displayName: 'Leave Out Email Addresses',
  name: 'leaveOutEmails',
  ...texts('Add Address or Domain'),
  placeholder: 'e.g. @example.com',
  description: 'People to ignore, such as your own team. A domain includes its subdomains.',
};

const users: INodeProperties = {
  displayName: 'Leave Out User IDs',
  name: 'leaveOutUsers',
  ...texts('Add User ID'),
  placeholder: 'e.g. 42',
  description: 'People to ignore, by the IDs your site gives to posthog.identify',
};

const onlyIdentified: INodeProperties = {
  displayName: 'Only Identified Visitors',
  name: 'onlyIdentified',
  type: 'boolean',
  default: false,
  description: 'Whether to ignore visitors until they sign in',
};

/** The other filters, below *Options*. */
export const filterOptions = [otherTypes, pages, emails, users, onlyIdentified];

/**
 * Reads what a trigger leaves out.
 * @throws NodeOperationError for a pattern that cannot be used
 */
export function readFilter(
  context: Pick<ITriggerFunctions | IWebhookFunctions, 'getNodeParameter' | 'getNode'>,
): FilterRules {
  const parameters = triggerParameters(context);
  const { options, fault } = parameters;
  const said = (field: INodeProperties) =>
    options
      .texts(field)
      .map((one) => one.trim())
      .filter(Boolean);
  const patterns = said(pages);
  const wrong = patternsFault(patterns);
  if (wrong) {
    throw fault(
      `"${pages.displayName}" cannot be used: ${wrong}`,
      'Correct it in the options of the node. A pattern is a path such as /admin/*, or an address such as admin.example.com/users/*.',
    );
  }
  return {
    types: [...parameters.texts(types), ...said(otherTypes)],
    pages: patterns,
    emails: said(emails),
    users: said(users),
    onlyIdentified: options.isOn(onlyIdentified),
  };
}
