import type {
  IAuthenticateGeneric,
  ICredentialTestRequest,
  ICredentialType,
  Icon,
  INodeProperties,
} from 'n8n-workflow';

/** A Crisp website, a token for it, and the secret of its hooks. */
export class CrispConversationApi implements ICredentialType {
  name = 'crispConversationApi';

  displayName = 'Crisp Conversation API';

  icon: Icon = {
    light: 'file:../nodes/CrispConversation/crisp.svg',
    dark: 'file:../nodes/CrispConversation/crisp.dark.svg',
  };

  documentationUrl = 'https://docs.crisp.chat/guides/rest-api/authentication/';

  properties: INodeProperties[] = [
    {
      displayName: 'Website ID',
      name: 'websiteId',
      type: 'string',
      required: true,
      default: '',
      placeholder: 'e.g. 5e1a6a3c-8d0e-4f4b-9c55-3d2a1c7b9e10',
      description: 'Crisp → Settings → Workspace Settings → Setup & Integrations',
    },
    {
      displayName: 'Token Tier',
      name: 'tier',
      type: 'options',
      options: [
        {
          name: 'Plugin',
          value: 'plugin',
          description: 'A token of a plugin from the Crisp Marketplace; 5,000 calls a day and up',
        },
        {
          name: 'Website',
          value: 'website',
          description: "A token from the workspace's own settings; 10,000 calls a day",
        },
      ],
      default: 'website',
      description: 'Where the token was made. With the wrong tier Crisp refuses the token.',
    },
    {
      displayName: 'Token Identifier',
      name: 'tokenIdentifier',
      type: 'string',
      required: true,
      default: '',
      description: 'The first of the two values that make up the token',
    },
    {
      displayName: 'Token Key',
      name: 'tokenKey',
      type: 'string',
      typeOptions: { password: true },
      required: true,
      default: '',
      description: 'The second of the two values that make up the token',
    },
    {
      displayName: 'Webhook Secret',
      name: 'webhookSecret',
      type: 'string',
      typeOptions: { password: true },
      default: '',
      description:
        "Needed for the Crisp Conversation Trigger, which accepts nothing without it. For a Website Hook: a long random text that you make up, and put as ?key=… at the end of the hook's URL. For a Plugin Hook: the signing secret that the Marketplace shows.",
    },
    {
      displayName: 'Base URL',
      name: 'baseUrl',
      type: 'string',
      required: true,
      default: 'https://api.crisp.chat/v1',
      description: 'Of the REST API, or of a proxy or simulator, without a slash at the end',
    },
  ];

  authenticate: IAuthenticateGeneric = {
    type: 'generic',
    properties: {
      auth: {
        username: '={{ $credentials.tokenIdentifier }}',
        password: '={{ $credentials.tokenKey }}',
      },
      headers: { 'X-Crisp-Tier': '={{ $credentials.tier }}' },
    },
  };

  test: ICredentialTestRequest = {
    request: {
      baseURL: '={{ $credentials.baseUrl }}',
      url: '=/website/{{ encodeURIComponent($credentials.websiteId) }}',
      headers: { Accept: 'application/json' },
    },
    rules: [
      {
        type: 'responseSuccessBody',
        properties: { key: 'error', value: true, message: 'Crisp refused the token' },
      },
    ],
  };
}
