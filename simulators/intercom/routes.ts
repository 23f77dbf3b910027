import type { Random } from '../random';
import { contactTest } from './contactSearch';
import { apiError, invalid, missing, notFound } from './errors';
import { htmlToText } from './html';
import {
  type Contact,
  contactView,
  conversationJson,
  conversationView,
  type Conversation,
} from './records';
import { optionalText, record, requiredText } from './fields';
import { replyTo } from './reply';
import type { Store } from './store';

export interface Workspace {
  id: string;
  name: string;
}

/** One call, checked for everything that all calls have in common. */
export interface Call {
  store: Store;
  workspace: Workspace;
  random: Random;
  /** Empty for a GET. */
  body: Record<string, unknown>;
  query: URLSearchParams;
  /** What the pattern's group caught: the id in the path. */
  id: string;
}

interface Route {
  method: 'GET' | 'POST';
  path: RegExp;
  /** The answer's JSON. */
  handle(call: Call): string;
}

const PER_PAGE_LIMIT = 150;

const whole = ({ store, random }: Call, conversation: Conversation): string =>
  conversationJson(conversation, store.contact(conversation.contactId), random);

const routes: Route[] = [
  {
    method: 'GET',
    path: /^\/me$/,
    handle({ store, workspace }) {
      const app = {
        type: 'app',
        id_code: workspace.id,
        name: workspace.name,
        created_at: 1_700_000_000,
        secure: false,
        identity_verification: false,
        timezone: 'UTC',
        region: 'US',
      };
      const { id, name, email } = store.admins[0]!;
      const admin = { type: 'admin', id, email, name, email_verified: true, has_inbox_seat: true };
      return JSON.stringify({ ...admin, app });
    },
  },
  {
    method: 'GET',
    path: /^\/admins$/,
    handle: ({ store }) =>
      JSON.stringify({
        type: 'admin.list',
        admins: store.admins.map((admin) => ({
          type: 'admin',
          ...admin,
          away_mode_enabled: false,
          away_mode_reassign: false,
          has_inbox_seat: true,
          team_ids: [],
        })),
      }),
  },
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
        conversations: items.map((one) => conversationView(one, store.contact(one.contactId))),
      });
    },
  },
  {
    method: 'POST',
    path: /^\/conversations$/,
    handle({ store, body }) {
      const from = record(body.from, 'from');
      if (!['user', 'lead', 'contact'].includes(String(from.type))) {
        throw invalid('from.type', 'must be user, lead or contact');
      }
      const text = requiredText(body, 'body');
      const conversation = store.start(store.contact(requiredText(from, 'id')), text);
      return JSON.stringify({
        type: 'user_message',
        id: conversation.source.id,
        created_at: conversation.created_at,
        body: text,
        message_type: 'inapp',
        conversation_id: conversation.id,
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
    handle: (call) => whole(call, replyTo(call.store, call.id, call.body)),
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
    method: 'POST',
    path: /^\/contacts\/search$/,
    handle({ store, workspace, body }) {
      const found = store.contacts().filter(contactTest(body.query));
      const page = body.pagination === undefined ? {} : record(body.pagination, 'pagination');
      const { items, pages } = paginate(found, page.per_page, page.starting_after, 50);
      return contactList(items, found.length, pages, workspace);
    },
  },
  {
    method: 'POST',
    path: /^\/contacts$/,
    handle({ store, workspace, body }) {
      const [external_id, email, name] = ['external_id', 'email', 'name'].map((field) =>
        optionalText(body, field),
      );
      const role = body.role === 'lead' ? 'lead' : 'user';
      if (!external_id && !email) throw missing('email or external_id');
      const twin = store.findContact({ external_id, email });
      if (twin) {
        const text = `A contact matching those details already exists with id=${twin.id}`;
        throw apiError(409, 'conflict', text);
      }
      const added = store.addContact({ external_id, email, name, role });
      return JSON.stringify(contactView(added, workspace.id));
    },
  },
  {
    method: 'GET',
    path: /^\/contacts\/([^/]+)$/,
    handle: ({ store, workspace, id }) =>
      JSON.stringify(contactView(store.contact(id), workspace.id)),
  },
];

/**
 * Finds what answers a request.
 *
 * @throws ApiError 404 for an address that the API (as far as simulated) does not have
 */
export function route(method: string, path: string): { handle: Route['handle']; id: string } {
  for (const { method: wanted, path: pattern, handle } of routes) {
    const match = method === wanted && pattern.exec(path);
    if (match) return { handle, id: decodeURIComponent(match[1] ?? '') };
  }
  throw notFound('Resource');
}

/** A cursor is the id of the last item of the page before. */
function paginate<T extends { id: string }>(
  all: T[],
  perPage: unknown,
  after: unknown,
  usual: number,
) {
  const size = Math.min(Math.max(Number(perPage ?? usual) || usual, 1), PER_PAGE_LIMIT);
  const from = after ? all.findIndex(({ id }) => id === after) + 1 : 0;
  const items = all.slice(from, from + size);
  const page = Math.floor(from / size) + 1;
  const more = from + size < all.length;
  const next = more ? { next: { page: page + 1, starting_after: items.at(-1)!.id } } : {};
  const total_pages = Math.ceil(all.length / size);
  return { items, pages: { type: 'pages', ...next, page, per_page: size, total_pages } };
}

function contactList(items: Contact[], total_count: number, pages: unknown, workspace: Workspace) {
  const data = items.map((one) => contactView(one, workspace.id));
  return JSON.stringify({ type: 'list', data, total_count, pages });
}

function withPlainBodies(json: string): string {
  return JSON.stringify(
    JSON.parse(json, (key, value: unknown) =>
      key === 'body' && typeof value === 'string' ? htmlToText(value) : value,
    ),
  );
}
