import type { Call, Route } from './call';
import { conversationSearch } from './conversationSearch';
import { invalid } from './errors';
import { requiredText } from './fields';
import { htmlToText } from './html';
import { paginate } from './pages';
import type { Conversation } from './records';
import { replyTo } from './reply';
import { conversationJson, conversationView } from './views';

const whole = ({ store, random }: Call, conversation: Conversation): string =>
  conversationJson(conversation, store.contacts.contact(conversation.contactId), random);

/** Listing, finding, reading, answering, redacting and deleting. */
export const conversationRoutes: Route[] = [
  conversationSearch,
  {
    method: 'GET',
    path: /^\/conversations$/,
    handle({ store, query }) {
      const all = store.conversations();
      const { items, pages } = paginate(
        all,
        query.get('per_page'),
        query.get('starting_after'),
        20,
      );
      return JSON.stringify({
        type: 'conversation.list',
        pages,
        total_count: all.length,
        conversations: items.map((one) =>
          conversationView(one, store.contacts.contact(one.contactId)),
        ),
      });
    },
  },
  {
    method: 'POST',
    path: /^\/conversations\/redact$/,
    handle(call) {
      const { store, body } = call;
      const type = requiredText(body, 'type');
      const conversationId = requiredText(body, 'conversation_id');
      if (type !== 'conversation_part' && type !== 'source') {
        throw invalid('type', 'must be conversation_part or source');
      }
      const what =
        type === 'source'
          ? { source: requiredText(body, 'source_id') }
          : { part: requiredText(body, 'conversation_part_id') };
      return whole(call, store.redact(conversationId, what));
    },
  },
  {
    method: 'POST',
    path: /^\/conversations\/([^/]+)\/reply$/,
    handle: (call) => whole(call, replyTo(call)),
  },
  {
    method: 'GET',
    path: /^\/conversations\/([^/]+)$/,
    handle(call) {
      const json = whole(call, call.store.conversation(call.id));
      return call.query.get('display_as') === 'plaintext' ? withPlainBodies(json) : json;
    },
  },
  {
    method: 'DELETE',
    path: /^\/conversations\/([^/]+)$/,
    handle({ store, id }) {
      store.remove(id);
      return JSON.stringify({ id, object: 'conversation', deleted: true });
    },
  },
];

function withPlainBodies(json: string): string {
  return JSON.stringify(
    JSON.parse(json, (key, value: unknown) =>
      key === 'body' && typeof value === 'string' ? htmlToText(value) : value,
    ),
  );
}
