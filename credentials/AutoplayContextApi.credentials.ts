import type { ICredentialType, Icon, INodeProperties } from 'n8n-workflow';

/** What AI agents that ask about a visitor prove themselves with. A node uses the fields of who asks it. */
export class AutoplayContextApi implements ICredentialType {
  name = 'autoplayContextApi';

  displayName = 'Autoplay Context API';

  icon: Icon = {
    light: 'file:../nodes/AutoplayContextServer/context.svg',
    dark: 'file:../nodes/AutoplayContextServer/context.dark.svg',
  };

  documentationUrl = 'https://developers.autoplay.ai';

  // Tested by the Autoplay Context Server: there is no address to ask, agents come to us.
  properties: INodeProperties[] = [
    {
      displayName: 'Secret Token',
      name: 'token',
      type: 'string',
      typeOptions: { password: true },
      default: '',
      hint: 'What the asker sends as Authorization: Bearer …, of 16 characters or more. Your own agents always need it; Fin if you use a fixed secret; Hugo only if you want it beside the signature. Give each of them a credential of its own.',
    },
    {
      displayName: 'User Token Algorithm',
      name: 'algorithm',
      type: 'options',
      options: [
        { name: 'ES256', value: 'ES256' },
        { name: 'HS256', value: 'HS256' },
        { name: 'RS256', value: 'RS256' },
      ],
      default: 'HS256',
      hint: 'For Fin with User tokens: what your site signs the tokens of its users with. Tokens with any other are refused.',
    },
    {
      displayName: 'User Token Secret',
      name: 'tokenSecret',
      type: 'string',
      typeOptions: { password: true },
      displayOptions: { show: { algorithm: ['HS256'] } },
      default: '',
      hint: "For Fin with User tokens: the secret that your site's server signs with, of 32 characters or more",
    },
    {
      displayName: 'User Token Public Key',
      name: 'publicKey',
      type: 'string',
      typeOptions: { rows: 4 },
      displayOptions: { show: { algorithm: ['ES256', 'RS256'] } },
      default: '',
      placeholder: '-----BEGIN PUBLIC KEY-----',
      hint: 'For Fin with User tokens: in PEM form, beginning with BEGIN PUBLIC KEY',
    },
    {
      displayName: 'User Token Audience',
      name: 'audience',
      type: 'string',
      default: '',
      hint: 'For Fin with User tokens, if your site signs tokens for others as well: the claim aud of those for n8n. Left empty, it is not checked.',
    },
    {
      displayName: 'Signing Secret',
      name: 'signingSecret',
      type: 'string',
      typeOptions: { password: true },
      default: '',
      placeholder: 'mcp_sec_…',
      hint: 'For Hugo: from the MCP server in Crisp, whole',
    },
    {
      displayName: 'Previous Signing Secret',
      name: 'previousSigningSecret',
      type: 'string',
      typeOptions: { password: true },
      default: '',
      hint: 'For Hugo, while you replace the secret: the one before. It counts as well; empty it afterwards.',
    },
    {
      displayName: 'Website ID',
      name: 'websiteId',
      type: 'string',
      default: '',
      placeholder: 'e.g. 8c842203-7ed8-4e29-a608-7cf78a7d2fcc',
      hint: "For Hugo: in Crisp's settings, under Setup & Integrations. Requests for another website are refused.",
    },
  ];
}
