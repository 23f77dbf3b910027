import type { ICredentialType, Icon, INodeProperties } from 'n8n-workflow';

const fin = { whoAsks: ['fin'] };
const hugo = { whoAsks: ['hugo'] };

/** What an AI agent that asks about a visitor proves itself with. */
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
      displayName: 'Who Asks',
      name: 'whoAsks',
      type: 'options',
      options: [
        { name: 'Intercom Fin', value: 'fin' },
        { name: 'Crisp Hugo', value: 'hugo' },
        { name: 'Your Own Agents', value: 'agents' },
      ],
      default: 'fin',
      hint: 'The same as in the node',
    },
    {
      displayName: 'User Token Algorithm',
      name: 'algorithm',
      type: 'options',
      displayOptions: { show: fin },
      options: [
        { name: 'ES256', value: 'ES256' },
        { name: 'HS256', value: 'HS256' },
        { name: 'RS256', value: 'RS256' },
      ],
      default: 'HS256',
      hint: 'What your site signs the tokens of its users with. Tokens with any other are refused.',
    },
    {
      displayName: 'User Token Secret',
      name: 'tokenSecret',
      type: 'string',
      typeOptions: { password: true },
      displayOptions: { show: { ...fin, algorithm: ['HS256'] } },
      default: '',
      hint: "The secret that your site's server signs with, of 32 characters or more. Not needed with a fixed secret.",
    },
    {
      displayName: 'User Token Public Key',
      name: 'publicKey',
      type: 'string',
      typeOptions: { rows: 4 },
      displayOptions: { show: { ...fin, algorithm: ['ES256', 'RS256'] } },
      default: '',
      placeholder: '-----BEGIN PUBLIC KEY-----',
      hint: 'In PEM form, beginning with BEGIN PUBLIC KEY. Not needed with a fixed secret.',
    },
    {
      displayName: 'User Token Audience',
      name: 'audience',
      type: 'string',
      displayOptions: { show: fin },
      default: '',
      hint: 'If your site signs tokens for others as well: the claim aud of those for n8n. Left empty, it is not checked.',
    },
    {
      displayName: 'Signing Secret',
      name: 'signingSecret',
      type: 'string',
      typeOptions: { password: true },
      displayOptions: { show: hugo },
      default: '',
      placeholder: 'mcp_sec_…',
      hint: 'From the MCP server in Crisp, whole',
    },
    {
      displayName: 'Previous Signing Secret',
      name: 'previousSigningSecret',
      type: 'string',
      typeOptions: { password: true },
      displayOptions: { show: hugo },
      default: '',
      hint: 'While you replace the secret, the one before. It counts as well; empty it afterwards.',
    },
    {
      displayName: 'Website ID',
      name: 'websiteId',
      type: 'string',
      displayOptions: { show: hugo },
      default: '',
      placeholder: 'e.g. 8c842203-7ed8-4e29-a608-7cf78a7d2fcc',
      hint: "In Crisp's settings, under Setup & Integrations. Requests for another website are refused.",
    },
    {
      displayName: 'Secret Token',
      name: 'token',
      type: 'string',
      typeOptions: { password: true },
      default: '',
      hint: 'What the asker sends as Authorization: Bearer …, of 16 characters or more. Your own agents always need it; Fin if you use a fixed secret; Hugo only if you want it beside the signature.',
    },
  ];
}
