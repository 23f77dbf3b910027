import type { DocumentedRequest, Shape } from '../http/shape';

// After Intercom's OpenAPI description of version 2.14 (github.com/intercom/Intercom-OpenAPI).

const attachments = { 'attachment_urls?': 'array', 'attachment_files?': 'array' } as const;
const adminReply = { type: ['admin'], admin_id: 'string', 'created_at?': 'integer' } as const;
const contactReply = {
  message_type: ['comment'],
  type: ['user'],
  body: 'string',
  'created_at?': 'integer',
  'reply_options?': 'array',
  ...attachments,
} as const satisfies Shape;
const redaction = { conversation_id: 'string' } as const;

/** Requests that the API documents, of those that the simulator knows. */
export const documented: readonly DocumentedRequest[] = [
  { method: 'GET', path: /^\/me$/ },
  { method: 'GET', path: /^\/admins$/, query: { 'display_avatar?': 'boolean' } },
  {
    method: 'GET',
    path: /^\/conversations$/,
    query: { 'per_page?': 'integer', 'starting_after?': 'string' },
  },
  {
    method: 'POST',
    path: /^\/conversations$/,
    bodies: [
      {
        from: 'object',
        body: 'string',
        'subject?': 'string',
        'attachment_urls?': 'array',
        'created_at?': 'integer',
      },
    ],
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
    path: /^\/conversations\/(\d+|last)\/reply$/,
    bodies: [
      { ...adminReply, message_type: ['comment', 'note'], body: 'string', ...attachments },
      { ...adminReply, message_type: ['quick_reply'], 'body?': 'string', reply_options: 'array' },
      { ...contactReply, intercom_user_id: 'string' },
      { ...contactReply, user_id: 'string' },
      { ...contactReply, email: 'string' },
    ],
  },
  {
    method: 'POST',
    path: /^\/contacts\/search$/,
    bodies: [{ query: 'object', 'pagination?': 'object' }],
  },
  {
    method: 'POST',
    path: /^\/contacts$/,
    bodies: ['email', 'external_id', 'role'].map((needed) => ({
      'role?': 'string',
      'external_id?': 'string',
      'email?': 'string',
      'phone?': 'string',
      'name?': 'string',
      'avatar?': 'string',
      'signed_up_at?': 'integer',
      'last_seen_at?': 'integer',
      'owner_id?': 'integer',
      'unsubscribed_from_emails?': 'boolean',
      'custom_attributes?': 'object',
      [needed]: 'string',
    })),
  },
  { method: 'GET', path: /^\/contacts\/[^/]+$/ },
];
