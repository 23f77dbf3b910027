import type {
  IAuthenticateGeneric,
  ICredentialTestRequest,
  ICredentialType,
  Icon,
  INodeProperties,
} from 'n8n-workflow';

/** An Intercom app's access token, and its client secret for webhooks. */
export class IntercomConversationApi implements ICredentialType {
  name = 'intercomConversationApi';

  displayName = 'Intercom Conversation API';

  icon: Icon = {
    light: 'file:../nodes/IntercomConversation/intercom.svg',
    dark: 'file:../nodes/IntercomConversation/intercom.dark.svg',
  };

  documentationUrl =
    'https://developers.intercom.com/docs/build-an-integration/learn-more/authentication';

  properties: INodeProperties[] = [
    {
      displayName: 'Access Token',
      name: 'accessToken',
      type: 'string',
      typeOptions: { password: true },
      required: true,
      default: '',
      description: 'Developer Hub → your app → Authentication',
    },
    {
      displayName: 'Region',
      name: 'region',
      type: 'options',
      options: [
        { name: 'United States', value: 'us' },
        { name: 'Europe', value: 'eu' },
        { name: 'Australia', value: 'au' },
        { name: 'Custom', value: 'custom' },
      ],
      default: 'us',
      description: 'Where the Intercom workspace is hosted',
    },
    {
      displayName: 'Base URL',
      name: 'baseUrl',
      type: 'string',
      required: true,
      displayOptions: { show: { region: ['custom'] } },
      default: '',
      placeholder: 'e.g. http://localhost:4302',
      description: 'Of a proxy or a simulator, without a slash at the end',
    },
    {
      displayName: 'Client Secret',
      name: 'clientSecret',
      type: 'string',
      typeOptions: { password: true },
      default: '',
      description:
        'Developer Hub → your app → Basic information. Needed for the Intercom Conversation Trigger, which accepts nothing without it.',
    },
  ];

  authenticate: IAuthenticateGeneric = {
    type: 'generic',
    properties: { headers: { Authorization: '=Bearer {{$credentials.accessToken}}' } },
  };

  test: ICredentialTestRequest = {
    request: {
      baseURL:
        '={{ { us: "https://api.intercom.io", eu: "https://api.eu.intercom.io", au: "https://api.au.intercom.io" }[$credentials.region] || $credentials.baseUrl }}',
      url: '/me',
      headers: { Accept: 'application/json', 'Intercom-Version': '2.14' },
    },
  };
}
