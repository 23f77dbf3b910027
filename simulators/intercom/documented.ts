import type { DocumentedRequest } from '../http/shape';

// After Intercom's OpenAPI description of version 2.14 (github.com/intercom/Intercom-OpenAPI), and of 2.16 for what is
// new in it.

const attachments = { 'attachment_urls?': 'array', 'attachment_files?': 'array' } as const;
const adminReply = { type: ['admin'], admin_id: 'string', 'created_at?': 'integer' } as const;
const redaction = { conversation_id: 'string' } as const;
const search = { query: 'object', 'pagination?': 'object' } as const;
const event = { event_name: 'string', created_at: 'integer', 'metadata?': 'object' } as const;
const message = {
  // The second is the official client's, and the examples'.
  message_type: ['in_app', 'inapp'],
  body: 'string',
  from: 'object',
  'subject?': 'string',
  'template?': 'string',
  'created_at?': 'integer',
  'create_conversation_without_contact_reply?': 'boolean',
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
      { ...message, to: 'object' },
      { ...message, to: 'array' },
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
      { ...adminReply, message_type: ['quick_reply'], 'body?': 'string', reply_options: 'array' },
    ],
  },
];
