import { comparableEmail } from '../identity';
import { isIdentified, type Visitor } from '../memory/visitor';

/** Whose activity is left out. */
export interface PeopleRules {
  /** Addresses, or domains with all their subdomains, with or without the `@` in front. */
  emails: readonly string[];
  /** User ids, compared exactly. */
  users: readonly string[];
  /** Leaves out visitors who have not signed in. */
  onlyIdentified: boolean;
}

/** Whether a visitor's activity is left out; undefined if the rules name no one. */
export function peopleNamed(rules: PeopleRules): ((visitor: Visitor) => boolean) | undefined {
  const { onlyIdentified } = rules;
  const users = new Set(rules.users);
  const emails = rules.emails.map((one) => comparableEmail(one).replace(/^@/, ''));
  const addresses = new Set(emails.filter((one) => one.includes('@')));
  const domains = emails.filter((one) => one !== '' && !one.includes('@'));
  if (!onlyIdentified && users.size + addresses.size + domains.length === 0) return undefined;

  function isNamed(address: string): boolean {
    if (addresses.has(address)) return true;
    const host = address.slice(address.lastIndexOf('@') + 1);
    return domains.some((domain) => host === domain || host.endsWith(`.${domain}`));
  }

  return (visitor) => {
    const { user_id, email } = visitor;
    if (user_id !== null && users.has(user_id)) return true;
    if (email !== null && isNamed(email)) return true;
    // Many sites give their users their addresses as ids.
    if (user_id?.includes('@') && isNamed(comparableEmail(user_id))) return true;
    return onlyIdentified && !isIdentified(visitor);
  };
}
