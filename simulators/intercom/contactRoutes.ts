import type { Call, Route } from './call';
import { notFound } from './errors';
import { paginate } from './pages';
import type { Contact } from './records';
import { type Fields, readQuery } from './search';

/** Contacts on a page of a search, unless it asks for another number. */
const USUAL_PAGE = 50;

const FIELDS: Fields<Contact> = {
  id: { type: 'string', of: ({ id }) => id },
  role: { type: 'string', of: ({ role }) => role },
  name: { type: 'string', of: ({ name }) => name },
  email: { type: 'string', of: ({ email }) => email },
  external_id: { type: 'string', of: ({ external_id }) => external_id },
  created_at: { type: 'date', of: ({ created_at }) => created_at },
  last_seen_at: { type: 'date', of: ({ last_seen_at }) => last_seen_at },
  last_contacted_at: { type: 'date', of: ({ last_contacted_at }) => last_contacted_at },
  last_replied_at: { type: 'date', of: ({ last_replied_at }) => last_replied_at },
  unsubscribed_from_emails: { type: 'boolean', of: (one) => one.unsubscribed_from_emails ?? false },
  marked_email_as_spam: { type: 'boolean', of: (one) => one.marked_email_as_spam ?? false },
  has_hard_bounced: { type: 'boolean', of: (one) => one.has_hard_bounced ?? false },
};

/** Finding people. */
export const contactRoutes: Route[] = [
  {
    method: 'GET',
    path: /^\/contacts\/find_by_external_id\/([^/]+)$/,
    handle({ store, workspace, id }) {
      // Leads are not found in this way.
      const found = store.contacts
        .all()
        .find(({ external_id, role }) => external_id === id && role === 'user');
      if (!found) throw notFound('User');
      return JSON.stringify({ ...view(found, workspace.id), enabled_push_messaging: null });
    },
  },
  {
    method: 'POST',
    path: /^\/contacts\/search$/,
    handle({ store, workspace, body }) {
      const all = store.contacts.searchable().filter(readQuery(body.query, FIELDS));
      const { items, pages } = searchPage(all, body, USUAL_PAGE);
      const data = items.map((one) => view(one, workspace.id));
      return JSON.stringify({ type: 'list', data, total_count: all.length, pages });
    },
  },
  {
    method: 'GET',
    path: /^\/contacts\/([^/]+)$/,
    handle: ({ store, workspace, id }) =>
      JSON.stringify(view(store.contacts.contact(id), workspace.id)),
  },
];

/** The page of a search's results that its body asks for. */
export function searchPage<T extends { id: string }>(all: T[], body: Call['body'], usual: number) {
  const { per_page, starting_after } = (body.pagination ?? {}) as Record<string, unknown>;
  return paginate(all, per_page, starting_after, usual);
}

/** A contact as the API shows it. */
function view(contact: Contact, workspaceId: string) {
  const { id, external_id, email, name, role, created_at } = contact;
  const list = (of: string) => {
    return {
      type: 'list',
      data: [],
      url: `/contacts/${id}/${of}`,
      total_count: 0,
      has_more: false,
    };
  };
  return {
    type: 'contact',
    id,
    workspace_id: workspaceId,
    external_id,
    role,
    email,
    phone: null,
    name,
    avatar: null,
    owner_id: null,
    social_profiles: { type: 'list', data: [] },
    has_hard_bounced: contact.has_hard_bounced ?? false,
    marked_email_as_spam: contact.marked_email_as_spam ?? false,
    unsubscribed_from_emails: contact.unsubscribed_from_emails ?? false,
    created_at,
    updated_at: created_at,
    signed_up_at: role === 'user' ? created_at : null,
    last_seen_at: contact.last_seen_at ?? null,
    last_replied_at: contact.last_replied_at ?? null,
    last_contacted_at: contact.last_contacted_at ?? null,
    last_email_opened_at: null,
    last_email_clicked_at: null,
    language_override: null,
    browser: null,
    browser_version: null,
    browser_language: null,
    os: null,
    location: {
      type: 'location',
      ...{ country: null, region: null, city: null, country_code: null, continent_code: null },
    },
    custom_attributes: contact.custom_attributes ?? {},
    tags: list('tags'),
    notes: list('notes'),
    companies: list('companies'),
  };
}
