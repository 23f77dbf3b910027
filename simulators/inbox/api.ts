import type { Crowd } from '../connector';
import type { IntercomSimulator } from '../intercom';
import { isApiError } from '../intercom/errors';
import { acts, isAct } from './acts';
import type { Activity } from './activity';
import { listEntry, thread } from './threads';

/** What the page asks its server for. */
export interface ApiParts {
  intercom: IntercomSimulator;
  crowd: Crowd;
  activity: Activity;
}

export interface ApiAnswer {
  status: number;
  value: unknown;
}

interface Call extends ApiParts {
  id: string;
  body: Record<string, unknown>;
}

const ok = (value: unknown): ApiAnswer => ({ status: 200, value });
const refuse = (status: number, error: string): ApiAnswer => ({ status, value: { error } });

const routes: [method: string, path: RegExp, handle: (call: Call) => ApiAnswer][] = [
  [
    'GET',
    /^\/api\/people$/,
    ({ crowd }) =>
      ok(
        crowd.people.map((person) => ({
          ...person,
          sessionId: crowd.visitor(person.id).sessionId,
          active: crowd.isActive(person.id),
        })),
      ),
  ],
  ['GET', /^\/api\/people\/([^/]+)\/activity$/, ({ activity, id }) => ok(activity.of(id))],
  [
    'POST',
    /^\/api\/people\/([^/]+)\/acts$/,
    ({ crowd, id, body }) => {
      if (!isAct(body.act))
        return refuse(400, `act must be one of ${Object.keys(acts).join(', ')}`);
      return ok({ count: crowd.act(id, acts[body.act]).count });
    },
  ],
  [
    'POST',
    /^\/api\/people\/([^/]+)\/active$/,
    ({ crowd, id, body }) => {
      crowd.setActive(id, body.active === true);
      return ok({ active: crowd.isActive(id) });
    },
  ],
  [
    'GET',
    /^\/api\/conversations$/,
    ({ intercom, crowd }) =>
      ok(
        intercom
          .conversations()
          .map((one) => listEntry(one, intercom.contact(one.contactId), crowd.people)),
      ),
  ],
  [
    'POST',
    /^\/api\/conversations$/,
    ({ intercom, crowd, body }) => {
      const person = crowd.people.find(({ id }) => id === body.personId);
      const text = words(body.text);
      if (!person) return refuse(404, 'personId names nobody');
      if (!text) return refuse(400, 'text is empty');
      const { id: external_id, name, email } = person;
      return ok({ id: intercom.visitorStarts({ external_id, name, email, text }).id });
    },
  ],
  [
    'GET',
    /^\/api\/conversations\/([^/]+)$/,
    ({ intercom, crowd, id }) => {
      const conversation = intercom.conversation(id);
      return ok(thread(conversation, intercom.contact(conversation.contactId), crowd.people));
    },
  ],
  [
    'POST',
    /^\/api\/conversations\/([^/]+)\/replies$/,
    ({ intercom, id, body }) => {
      const text = words(body.text);
      return text ? ok({ id: intercom.visitorReplies(id, text).id }) : refuse(400, 'text is empty');
    },
  ],
];

/** Carries out one call of the page. Faults come back as `{ error }` with 400 or 404. */
export function callApi(
  parts: ApiParts,
  method: string,
  path: string,
  body: Record<string, unknown>,
): ApiAnswer {
  for (const [wanted, pattern, handle] of routes) {
    const match = method === wanted && pattern.exec(path);
    if (!match) continue;
    const id = decodeURIComponent(match[1] ?? '');
    const forPerson = path.startsWith('/api/people/');
    if (forPerson && !parts.crowd.people.some((person) => person.id === id)) {
      return refuse(404, 'There is no such person');
    }
    try {
      return handle({ ...parts, id, body });
    } catch (thrown) {
      if (isApiError(thrown)) return refuse(thrown.status, thrown.message);
      throw thrown;
    }
  }
  return refuse(404, 'There is no such call');
}

const words = (text: unknown): string => (typeof text === 'string' ? text.trim() : '');
