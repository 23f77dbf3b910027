import { apiError } from './errors';
import { type Conversation, type Part, REDACTED_BODY } from './records';

/** What is redacted: a part, or the conversation's first message. */
export type Redacted = { part: string } | { source: string };

/**
 * Takes away the words of a part or of the first message.
 *
 * @param at now, in epoch seconds
 * @throws ApiError 404 for an unknown part or conversation, 400 when it is redacted already
 */
export function redactIn(
  within: Conversation | undefined,
  what: Redacted,
  at: number,
): { redacted: Conversation; part: Part | undefined } {
  const part = 'part' in what ? within?.parts.find(({ id }) => id === what.part) : undefined;
  const source = 'source' in what && within?.source.id === what.source ? within.source : undefined;
  const target = part ?? source;
  if (!within || !target) {
    const text = 'Conversation part or message not found';
    throw apiError(404, 'conversation_part_or_message_not_found', text);
  }
  if (target.redacted) {
    const text = 'Conversation part is not redactable';
    throw apiError(400, 'conversation_part_not_redactable', text);
  }
  target.redacted = true;
  target.body = REDACTED_BODY;
  within.updated_at = at;
  if (part) part.updated_at = at;
  return { redacted: within, part };
}
