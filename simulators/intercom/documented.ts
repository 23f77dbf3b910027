import type { DocumentedRequest } from '../http/shape';

// After Intercom's OpenAPI description of version 2.14 (github.com/intercom/Intercom-OpenAPI).

const attachments = { 'attachment_urls?': 'array', 'attachment_files?': 'array' } as const;
const adminReply = { type: ['admin'], admin_id: 'string', 'created_at?': 'integer' } as const;
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
