import type { Route } from './call';
import { searchPage } from './contactRoutes';
import type { Conversation } from './records';
import { type Fields, readQuery } from './search';
import { conversationView, hasAgent, stateOf } from './views';

/** Conversations on a page of a search, unless it asks for another number. */
const USUAL_PAGE = 20;

const FIELDS: Fields<Conversation> = {
  id: { type: 'string', of: ({ id }) => id },
  contact_ids: {
    type: 'string',
    of: ({ contactId, joined = [] }) => [contactId, ...joined.map(({ id }) => id)],
  },
  open: { type: 'boolean', of: (one) => stateOf(one).open },
  state: { type: 'string', of: (one) => stateOf(one).state },
  admin_assignee_id: {
    type: 'integer',
    of: ({ assigneeId }) => (assigneeId === undefined ? null : Number(assigneeId)),
  },
  ai_agent_participated: { type: 'boolean', of: hasAgent },
  'source.id': { type: 'string', of: ({ source }) => source.id },
  'source.type': { type: 'string', of: ({ source }) => source.type ?? 'conversation' },
  'source.delivered_as': {
    type: 'string',
    of: ({ source }) => source.delivered_as ?? 'customer_initiated',
  },
  'source.author.id': { type: 'string', of: ({ source }) => source.author.id },
  'source.author.type': { type: 'string', of: ({ source }) => source.author.type },
};

/** Finds conversations as they were when searches last took note of them, and shows them as they are. */
export const conversationSearch: Route = {
  method: 'POST',
  path: /^\/conversations\/search$/,
  handle({ store, body }) {
    const found = store.searchable().filter(readQuery(body.query, FIELDS));
    const { items, pages } = searchPage(found, body, USUAL_PAGE);
    return JSON.stringify({
      type: 'conversation.list',
      pages,
      total_count: found.length,
      conversations: items.map((one) =>
        conversationView(store.conversation(one.id), store.contacts.contact(one.contactId)),
      ),
    });
  },
};
