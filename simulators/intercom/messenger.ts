import { isContact } from './beginnings';
import type { Contact, ReplyOption } from './records';
import type { Store } from './store';

/** A message as a contact sees it in the messenger. */
export interface Seen {
  /** Of the part, or of the message that has no conversation yet. */
  id: string;
  /** Null before the contact has answered a message that opened none. */
  conversationId: string | null;
  from: 'team' | 'visitor';
  /** HTML; '' for buttons alone. */
  body: string;
  /** Buttons, each with whether it was tapped. */
  options: (ReplyOption & { tapped: boolean })[];
  /** Epoch seconds. */
  at: number;
}

/** Everything that a contact sees, oldest first: no notes, nothing redacted, and nothing that was never sent. */
export function seenBy({ id }: Contact, store: Store): Seen[] {
  const alone = store.outreach
    .messages()
    .filter(({ contactId }) => contactId === id)
    .map(({ created_at: at, ...message }): Seen => {
      return {
        id: message.id,
        conversationId: null,
        from: 'team',
        body: message.body,
        options: [],
        at,
      };
    });
  const mine = store
    .conversations()
    .filter(({ contactId, joined = [] }) =>
      [contactId, ...joined.map((one) => one.id)].includes(id),
    );
  const said = mine.flatMap(({ id: conversationId, source, created_at, parts }) => {
    const first = { ...source, part_type: 'comment' as const, created_at };
    const tapped = new Set(parts.map((part) => part.tapped));
    return [first, ...parts].flatMap((part): Seen[] => {
      const isMessage = part.part_type === 'comment' || part.part_type === 'quick_reply';
      if (!isMessage || part.redacted || ('unsent' in part && part.unsent)) return [];
      const options = 'options' in part ? (part.options ?? []) : [];
      return [
        {
          id: part.id,
          conversationId,
          from: isContact(part.author) ? 'visitor' : 'team',
          body: part.body,
          options: options.map((one) => ({ ...one, tapped: tapped.has(one.uuid) })),
          at: part.created_at,
        },
      ];
    });
  });
  return [...alone, ...said].sort((a, b) => a.at - b.at);
}
