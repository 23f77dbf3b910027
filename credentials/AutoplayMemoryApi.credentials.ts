import type { ICredentialType, Icon, INodeProperties } from 'n8n-workflow';

/** Of the database server. */
const serverFields: INodeProperties[] = (
  [
    {
      displayName: 'Host',
      name: 'host',
      type: 'string',
      default: 'localhost',
      hint: 'The address as n8n reaches it. In a container, localhost is the container itself.',
    },
    { displayName: 'Port', name: 'port', type: 'number', default: 5432 },
    {
      displayName: 'Database',
      name: 'database',
      type: 'string',
      default: 'n8n',
      hint: "May be n8n's own database: all tables begin with autoplay_",
    },
    { displayName: 'User', name: 'user', type: 'string', default: 'postgres' },
    {
      displayName: 'Password',
      name: 'password',
      type: 'string',
      typeOptions: { password: true },
      default: '',
    },
    {
      displayName: 'SSL',
      name: 'ssl',
      type: 'boolean',
      default: false,
      description: "Whether to encrypt the connection and check the server's certificate",
    },
  ] satisfies INodeProperties[]
).map((field) => ({ ...field, displayOptions: { show: { storage: ['postgres'] } } }));

/** Where sessions are remembered and for how long; without it, the embedded default. */
export class AutoplayMemoryApi implements ICredentialType {
  name = 'autoplayMemoryApi';

  displayName = 'Autoplay Memory API';

  icon: Icon = {
    light: 'file:../nodes/AutoplaySessionMemory/memory.svg',
    dark: 'file:../nodes/AutoplaySessionMemory/memory.dark.svg',
  };

  documentationUrl = 'https://docs.n8n.io/hosting/scaling/queue-mode/';

  properties: INodeProperties[] = [
    {
      displayName: 'Storage',
      name: 'storage',
      type: 'options',
      options: [
        {
          name: 'SQLite',
          value: 'sqlite',
          description: "A file in n8n's own folder; nothing to install",
        },
        {
          name: 'PostgreSQL',
          value: 'postgres',
          description: 'A database server; required in queue mode',
        },
      ],
      default: 'sqlite',
      hint: 'Queue mode requires PostgreSQL',
    },
    ...serverFields,
    {
      displayName: 'Retention (Hours)',
      name: 'retentionHours',
      type: 'number',
      typeOptions: { minValue: 1 },
      default: 24,
      hint: 'How long to keep a session after its last action',
    },
  ];
}
