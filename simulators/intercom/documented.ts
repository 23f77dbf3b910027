import type { DocumentedRequest } from '../http/shape';

// After Intercom's OpenAPI descriptions (github.com/intercom/Intercom-OpenAPI) of version 2.14, and of 2.16 for data
// connectors and what else is new in it.

const attachments = { 'attachment_urls?': 'array', 'attachment_files?': 'array' } as const;
const adminReply = { type: ['admin'], admin_id: 'string', 'created_at?': 'integer' } as const;
const redaction = { conversation_id: 'string' } as const;
const search = { query: 'object', 'pagination?': 'object' } as const;
const event = { event_name: 'string', created_at: 'integer', 'metadata?': 'object' } as const;
const recipient = { shape: { type: ['user', 'lead'], id: 'string' } } as const;
const message = {
  // The second is the official client's, and the examples'.
  message_type: ['in_app', 'inapp'],
  body: 'string',
  from: { shape: { type: ['admin'], id: 'integer' } },
  'subject?': 'string',
  'template?': 'string',
  'created_at?': 'integer',
  'create_conversation_without_contact_reply?': 'boolean',
} as const;

export const HTTP_METHODS = ['get', 'post', 'put', 'delete', 'patch'] as const;
export const AUDIENCES = ['leads', 'users', 'visitors'] as const;
export const INPUT_TYPES = ['string', 'integer', 'decimal', 'boolean'] as const;
export const STATES = ['draft', 'live'] as const;

const dataInput = {
  name: 'string',
  type: INPUT_TYPES,
  description: 'string',
  'required?': 'boolean',
  'default_value?': 'string',
} as const;
/** What creating and updating a data connector have in common. */
const connector = {
  'description?': 'string',
  'http_method?': HTTP_METHODS,
  'url?': 'string',
  'body?': 'string',
  'direct_fin_usage?': 'boolean',
  'audiences?': { each: AUDIENCES },
  'headers?': { each: { shape: { name: 'string', value: 'string' } } },
  'data_inputs?': { each: { shape: dataInput } },
  'customer_authentication?': 'boolean',
  'bypass_authentication?': 'boolean',
  'validate_missing_attributes?': 'boolean',
  'mock_response?': 'object',
  'token_ids?': { each: 'string' },
} as const;

/** Requests that the API documents, of those that the simulator knows. */
export const documented: readonly DocumentedRequest[] = [
  { method: 'GET', path: /^\/me$/ },
  { method: 'GET', path: /^\/admins$/, query: { 'display_avatar?': 'boolean' } },
  { method: 'GET', path: /^\/office_hours_schedules$/ },
  { method: 'GET', path: /^\/contacts\/find_by_external_id\/[^/]+$/ },
  { method: 'GET', path: /^\/contacts\/[0-9a-f]+$/ },
  { method: 'POST', path: /^\/(?:contacts|conversations)\/search$/, bodies: [search] },
  {
    method: 'POST',
    path: /^\/messages$/,
    bodies: [
      { ...message, to: recipient },
      { ...message, to: { each: recipient } },
    ],
  },
  {
    method: 'POST',
    path: /^\/events$/,
    bodies: [
      { ...event, user_id: 'string' },
      { ...event, id: 'string' },
      { ...event, email: 'string' },
    ],
  },
  {
    method: 'DELETE',
    path: /^\/conversations\/\d+$/,
    query: { 'retain_metrics?': 'boolean' },
  },
  {
    method: 'GET',
    path: /^\/conversations$/,
    query: { 'per_page?': 'integer', 'starting_after?': 'string' },
  },
  {
    method: 'POST',
    path: /^\/conversations\/redact$/,
    bodies: [
      { ...redaction, type: ['conversation_part'], conversation_part_id: 'string' },
      { ...redaction, type: ['source'], source_id: 'string' },
    ],
  },
  {
    method: 'GET',
    path: /^\/conversations\/\d+$/,
    query: { 'display_as?': ['plaintext'], 'include_translations?': 'boolean' },
  },
  {
    method: 'POST',
    path: /^\/conversations\/\d+\/reply$/,
    bodies: [
      { ...adminReply, message_type: ['comment', 'note'], body: 'string', ...attachments },
      {
        ...adminReply,
        message_type: ['quick_reply'],
        'body?': 'string',
        reply_options: { each: { shape: { text: 'string', uuid: 'string' } } },
      },
    ],
  },
  {
    method: 'GET',
    path: /^\/data_connectors$/,
    query: { 'per_page?': 'integer', 'starting_after?': 'string' },
  },
  { method: 'POST', path: /^\/data_connectors$/, bodies: [{ ...connector, name: 'string' }] },
  {
    method: 'GET',
    path: /^\/data_connectors\/\d+$/,
    query: { 'state_version?': STATES },
  },
  {
    method: 'PATCH',
    path: /^\/data_connectors\/\d+$/,
    bodies: [{ ...connector, 'name?': 'string', 'state?': STATES }],
  },
  { method: 'DELETE', path: /^\/data_connectors\/\d+$/ },
];
