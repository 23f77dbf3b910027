import type { DocumentedRequest, Shape } from '../http/shape';

// After the REST API reference (v1) and the types of Crisp's own client.

const from = ['user', 'operator'] as const;
const newMessage = {
  from,
  origin: 'string',
  'fingerprint?': 'integer',
  'timestamp?': 'integer',
  'user?': 'object',
  'mentions?': 'array',
  'references?': 'array',
  'original?': 'object',
  'properties?': 'object',
  'stealth?': 'boolean',
  'translated?': 'boolean',
  'automated?': 'boolean',
} as const satisfies Shape;

const choice = {
  value: 'string',
  label: 'string',
  'selected?': 'boolean',
  'icon?': 'string',
  'action?': 'object',
} as const satisfies Shape;
const picker = {
  id: 'string',
  text: 'string',
  choices: { each: { shape: choice } },
  'required?': 'boolean',
} as const satisfies Shape;

/** Conversations are `session_` and a UUID. */
const CONVERSATION = String.raw`^/conversation/session_[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}`;
const at = (path: string) => new RegExp(`${CONVERSATION}${path}$`);
const MESSAGE = at(String.raw`/message/\d+`);

/** Requests that the API documents, of those that the simulator knows, below `/v1/website/{website_id}`. */
export const documented: readonly DocumentedRequest[] = [
  { method: 'GET', path: /^$/ },
  {
    method: 'GET',
    path: /^\/conversations\/\d+$/,
    // A search has many more, which are of no use here.
    query: { 'per_page?': 'integer' },
  },
  { method: 'GET', path: /^\/visitors\/count$/ },
  { method: 'GET', path: /^\/visitors\/list\/\d+$/ },
  { method: 'GET', path: /^\/visitors\/token\/[^/]+$/ },
  { method: 'GET', path: /^\/availability\/(?:status|operators)$/ },
  // Without a body; the vendor's own client sends an empty object.
  { method: 'POST', path: /^\/conversation$/, bodies: [{}], bare: true },
  { method: 'POST', path: at('/initiate'), bodies: [{}], bare: true },
  { method: 'HEAD', path: at('') },
  { method: 'GET', path: at('/(?:block|routing)') },
  {
    method: 'PATCH',
    path: at('/block'),
    bodies: [{ blocked: 'boolean', 'user?': 'object', 'origin?': 'string' }],
  },
  {
    method: 'PATCH',
    path: at('/routing'),
    bodies: [{ assigned: 'object', 'silent?': 'boolean' }],
  },
  { method: 'GET', path: at('') },
  { method: 'GET', path: at('/meta') },
  {
    method: 'PATCH',
    path: at('/state'),
    bodies: [{ state: ['pending', 'unresolved', 'resolved'] }],
  },
  {
    method: 'PATCH',
    path: at('/compose'),
    bodies: [
      {
        type: ['start', 'stop'],
        from,
        'excerpt?': 'string',
        'stealth?': 'boolean',
        'automated?': 'boolean',
      },
    ],
  },
  {
    method: 'GET',
    path: at('/messages'),
    query: {
      'timestamp_before?': 'integer',
      'timestamp_after?': 'integer',
      'timestamp_around?': 'integer',
    },
  },
  {
    method: 'POST',
    path: at('/message'),
    bodies: [
      { ...newMessage, type: ['text', 'note'], content: 'string' },
      { ...newMessage, type: ['picker'], content: { shape: picker } },
      {
        ...newMessage,
        type: ['file', 'animation', 'audio', 'field', 'carousel', 'event'],
        content: 'object',
      },
    ],
  },
  { method: 'GET', path: MESSAGE },
  { method: 'DELETE', path: MESSAGE },
  {
    method: 'PATCH',
    path: MESSAGE,
    bodies: [{ content: 'string' }, { content: 'object' }],
  },
];
