import type { Clock } from '../../core/clock';
import { notFound } from './errors';
import type { Contact } from './records';
import { createSearchIndex } from './searchIndex';

export interface NewContact {
  external_id?: string | null | undefined;
  email?: string | null | undefined;
  name?: string | null | undefined;
  role?: 'user' | 'lead' | undefined;
}

/** What may change of a contact. */
export type ContactChanges = Partial<Omit<Contact, 'id' | 'created_at'>>;

/**
 * The people of a workspace.
 *
 * @param nextSerial numbers them
 * @param delayMs how long a new one is not found by searches
 */
export function createContacts(clock: Clock, nextSerial: () => string, delayMs: () => number) {
  const contacts = new Map<string, Contact>();
  const index = createSearchIndex<Contact>(clock, delayMs);
  const keep = (contact: Contact): void => {
    contacts.set(contact.id, contact);
    index.changed(contact.id, contact);
  };

  /** @throws ApiError 404 */
  const contact = (id: string): Contact => {
    const found = contacts.get(id);
    if (!found) throw notFound('User');
    return found;
  };

  return {
    contact,
    all: (): Contact[] => [...contacts.values()],
    /** Those that searches find. */
    searchable: (): Contact[] => index.entries(),
    find({ external_id, email }: NewContact): Contact | undefined {
      const all = [...contacts.values()];
      const byId = external_id ? all.find((one) => one.external_id === external_id) : undefined;
      return byId ?? (email ? all.find((one) => one.email === email) : undefined);
    },
    /** Several may have the same address: only external ids are unique, and only the site keeps them so. */
    add({ external_id, email, name, role = 'user' }: NewContact): Contact {
      const added: Contact = {
        id: `6762f1f81bb69f9f${nextSerial().padStart(8, '0')}`,
        external_id: external_id ?? null,
        email: email ?? null,
        name: name ?? null,
        role,
        created_at: Math.floor(clock.now() / 1_000),
      };
      keep(added);
      return added;
    },
    /** Changes what is known of a contact, such as that they unsubscribed. @throws ApiError 404 */
    change: (id: string, changes: ContactChanges): Contact => Object.assign(contact(id), changes),
    restore(saved: readonly Contact[]): void {
      contacts.clear();
      index.clear();
      saved.forEach(keep);
    },
  };
}
