import type { IAuthenticateGeneric, ICredentialType, Icon, INodeProperties } from 'n8n-workflow';

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
      hint: 'In Crisp: Settings → Workspace Settings → Setup & Integrations',
    },
    {
      displayName: 'Token Tier',
      name: 'tier',
      type: 'options',
      options: [
        {
          name: 'Plugin',
          value: 'plugin',
          description:
            'A token of a private plugin in the Crisp Marketplace; 5,000 calls a day or more',
        },
        {
          name: 'Website',
          value: 'website',
          description: 'A token from the workspace settings; 10,000 calls a day',
        },
      ],
      default: 'website',
      hint: 'Where you created the token. Crisp refuses it with the wrong tier.',
    },
    {
      displayName: 'Token Identifier',
      name: 'tokenIdentifier',
      type: 'string',
      required: true,
      default: '',
      hint: 'The first of the two values of the token',
    },
    {
      displayName: 'Token Key',
      name: 'tokenKey',
      type: 'string',
      typeOptions: { password: true },
      required: true,
      default: '',
      hint: 'The second of the two values of the token',
    },
    {
      displayName: 'Webhook Secret',
      name: 'webhookSecret',
      type: 'string',
      typeOptions: { password: true },
      default: '',
      hint: "With a website token, a long random text of your choice, which you append to the hook's URL as ?key=…. With a plugin, its signing secret. Without it, every delivery is refused.",
    },
    {
      displayName: 'Base URL',
      name: 'baseUrl',
      type: 'string',
      required: true,
      default: 'https://api.crisp.chat/v1',
      hint: 'The address of the REST API. Change it only for a proxy or simulator.',
    },
  ];

  // For n8n's HTTP Request node. Tested by Crisp Conversation: a test request made here would tell a status alone.
  authenticate: IAuthenticateGeneric = {
    type: 'generic',
    properties: {
      auth: {
        username: '={{ $credentials.tokenIdentifier.trim() }}',
        password: '={{ $credentials.tokenKey.trim() }}',
      },
      headers: { 'X-Crisp-Tier': '={{ $credentials.tier }}' },
    },
  };
}
