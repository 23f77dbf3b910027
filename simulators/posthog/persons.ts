import type { CapturedEvent, Person, Project } from './types';
import { personIdOf } from './uuid5';

// Ids that many visitors may have at once, because a site's code made a mistake. PostHog never merges them.
const SHARED =
  /^(?:anonymous|guest|distinctid|distinct_id|id|not_authenticated|email|undefined|true|false)$/i;
const SHARED_EXACTLY = ['[object Object]', 'NaN', 'None', 'none', 'null', '0'];
const LONGEST = 400;

/** Whether an id may stand for one person. */
export function isMergeable(id: unknown): id is string {
  if (typeof id !== 'string' || id.trim() === '' || id.includes('\0')) return false;
  if ([...id].length > LONGEST) return false;
  const bare = /^(['"])(.*)\1$/s.exec(id)?.[2] ?? id;
  return !SHARED.test(bare) && !SHARED_EXACTLY.includes(bare);
}

/** The persons of all projects. */
export function createPersons() {
  const byId = new Map<string, Person>();
  /** The distinct ids of each person, as they are in `byId`. */
  const idsOf = new Map<Person, string[]>();
  const keyOf = ({ id }: Project, distinctId: string): string => `${id}:${distinctId}`;

  const known = (project: Project, id: string): Person => {
    const found = byId.get(keyOf(project, id));
    if (found) return found;
    const person: Person = { id: personIdOf(project.id, id), properties: {} };
    byId.set(keyOf(project, id), person);
    idsOf.set(person, [keyOf(project, id)]);
    return person;
  };
  /** From now on, both ids are one person, who keeps what was known of the first. */
  const merge = (project: Project, into: string, other: unknown): void => {
    if (!isMergeable(into) || !isMergeable(other)) return;
    const [kept, gone] = [known(project, into), known(project, other)];
    if (kept === gone) return;
    kept.properties = { ...gone.properties, ...kept.properties };
    for (const key of idsOf.get(gone)!) byId.set(key, kept);
    idsOf.get(kept)!.push(...idsOf.get(gone)!);
    idsOf.delete(gone);
  };

  return {
    /**
     * Applies an event to the persons, and returns a copy of its own person; null for an event without a profile
     * whose visitor has none.
     */
    apply(project: Project, event: CapturedEvent): Person | null {
      const { distinct_id: id, properties } = event;
      if (event.event === '$identify') merge(project, id, properties.$anon_distinct_id);
      if (event.event === '$create_alias' || event.event === '$merge_dangerously') {
        merge(project, id, properties.alias);
      }
      const profiled = properties.$process_person_profile !== false;
      if (!profiled && !byId.has(keyOf(project, id))) return null;
      const person = known(project, id);
      person.properties = {
        ...record(properties.$set_once),
        ...record(event.$set_once),
        ...person.properties,
        ...record(properties.$set),
        ...record(event.$set),
      };
      return structuredClone(person);
    },
  };
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
