import type { IAuthenticateGeneric, ICredentialType, Icon, INodeProperties } from 'n8n-workflow';

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
      hint: 'In Intercom: Settings → Integrations → Developer Hub → your app → Authentication',
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
      hint: 'Where your workspace is hosted: app.intercom.com, app.eu.intercom.com or app.au.intercom.com',
    },
    {
      displayName: 'Base URL',
      name: 'baseUrl',
      type: 'string',
      required: true,
      displayOptions: { show: { region: ['custom'] } },
      default: '',
      placeholder: 'e.g. http://localhost:4302',
      hint: 'The address of a proxy or simulator',
    },
    {
      displayName: 'Client Secret',
      name: 'clientSecret',
      type: 'string',
      typeOptions: { password: true },
      default: '',
      hint: 'In the Developer Hub: your app → Basic information. Without it, every delivery is refused.',
    },
  ];

  // For n8n's HTTP Request node. Tested by Intercom Conversation: a test request made here would tell a status alone.
  authenticate: IAuthenticateGeneric = {
    type: 'generic',
    properties: { headers: { Authorization: '=Bearer {{ $credentials.accessToken.trim() }}' } },
  };
}
