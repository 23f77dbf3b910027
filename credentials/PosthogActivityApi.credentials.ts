import type { IAuthenticateGeneric, ICredentialType, Icon, INodeProperties } from 'n8n-workflow';

/** A project of PostHog, a personal API key for it, and the secret that signs its webhooks. */
export class PosthogActivityApi implements ICredentialType {
  name = 'posthogActivityApi';

  displayName = 'PostHog Activity API';

  icon: Icon = {
    light: 'file:../nodes/PosthogActivityTrigger/posthog.svg',
    dark: 'file:../nodes/PosthogActivityTrigger/posthog.dark.svg',
  };

  documentationUrl = 'https://posthog.com/docs/api';

  properties: INodeProperties[] = [
    {
      displayName: 'Region',
      name: 'region',
      type: 'options',
      options: [
        { name: 'United States', value: 'us' },
        { name: 'Europe', value: 'eu' },
        { name: 'Custom', value: 'custom' },
      ],
      default: 'us',
      hint: 'Where your PostHog is: us.posthog.com, eu.posthog.com, or your own server',
    },
    {
      displayName: 'Base URL',
      name: 'baseUrl',
      type: 'string',
      required: true,
      displayOptions: { show: { region: ['custom'] } },
      default: '',
      placeholder: 'e.g. https://posthog.example.com',
      hint: 'The address at which you open your PostHog',
    },
    {
      displayName: 'Live URL',
      name: 'liveUrl',
      type: 'string',
      displayOptions: { show: { region: ['custom'] } },
      default: '',
      placeholder: 'e.g. https://posthog.example.com/livestream',
      hint: "The address of the live stream's service. Left empty, it is the Base URL with /livestream.",
    },
    {
      displayName: 'Personal API Key',
      name: 'personalApiKey',
      type: 'string',
      typeOptions: { password: true },
      default: '',
      placeholder: 'phx_…',
      hint: 'In PostHog: Settings → Account → Personal API keys. Scopes: project:read, and for the source Webhook also hog_function:write. Without a key, only a webhook that you set up by hand works.',
    },
    {
      displayName: 'Project ID',
      name: 'projectId',
      type: 'string',
      default: '',
      placeholder: 'e.g. 12345',
      hint: 'The number in the addresses of the project: /project/12345/…. Left empty, it is the project that the owner of the key has open in PostHog, which changes when they open another.',
    },
    {
      displayName: 'Signing Secret',
      name: 'signingSecret',
      type: 'string',
      typeOptions: { password: true },
      default: '',
      placeholder: 'whsec_…',
      hint: 'Only for the source Webhook. For a webhook that you set up by hand, the same as in PostHog. Left empty otherwise, a secret is made for you. After a change, publish the workflow again.',
    },
  ];

  // For n8n's HTTP Request node. Tested by PostHog Activity Trigger: a test request made here would tell a status alone.
  authenticate: IAuthenticateGeneric = {
    type: 'generic',
    properties: { headers: { Authorization: '=Bearer {{ $credentials.personalApiKey.trim() }}' } },
  };
}
