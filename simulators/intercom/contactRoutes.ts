import type { Route, Workspace } from './call';
import { contactTest } from './contactSearch';
import { apiError, missing } from './errors';
import { optionalText, record } from './fields';
import { paginate } from './pages';
import { type Contact, contactView } from './records';

/** Searching, creating and reading contacts. */
export const contactRoutes: Route[] = [
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

function contactList(items: Contact[], total_count: number, pages: unknown, workspace: Workspace) {
  const data = items.map((one) => contactView(one, workspace.id));
  return JSON.stringify({ type: 'list', data, total_count, pages });
}
