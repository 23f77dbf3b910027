import type { Crowd } from '../connector';
import { isApiError } from '../http/apiError';
import { acts, isAct } from './acts';
import type { Activity } from './activity';
import { type Chat, listAll } from './chat';
import type { ConnectionsWatch } from './connections';

/** What the page asks its server for. */
export interface ApiParts {
  chats: readonly Chat[];
  crowd: Crowd;
  activity: Activity;
  connections: Pick<ConnectionsWatch, 'now'>;
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
  ['GET', /^\/api\/connections$/, ({ connections }) => ok(connections.now())],
  ['GET', /^\/api\/conversations$/, ({ chats }) => ok(listAll(chats))],
  [
    'POST',
    /^\/api\/conversations$/,
    ({ chats, crowd, body }) => {
      const chat = chats.find(({ name }) => name === (body.chat ?? 'intercom'));
      const person = crowd.people.find(({ id }) => id === body.personId);
      const text = words(body.text);
      if (!chat)
        return refuse(400, `chat must be one of ${chats.map(({ name }) => name).join(', ')}`);
      if (!person) return refuse(404, 'personId names nobody');
      if (!text) return refuse(400, 'text is empty');
      return ok({ id: chat.start(person, text) });
    },
  ],
  [
    'GET',
    /^\/api\/conversations\/([^/]+)$/,
    ({ chats, id }) => {
      const chat = chats.find((one) => one.owns(id));
      return chat ? ok(chat.thread(id)) : refuse(404, 'There is no such conversation');
    },
  ],
  [
    'POST',
    /^\/api\/conversations\/([^/]+)\/replies$/,
    ({ chats, id, body }) => {
      const chat = chats.find((one) => one.owns(id));
      const text = words(body.text);
      if (!chat) return refuse(404, 'There is no such conversation');
      if (!text) return refuse(400, 'text is empty');
      if (body.as !== 'operator') return ok({ id: chat.reply(id, text) });
      if (!chat.answer) return refuse(400, 'One writes as an operator in Crisp alone');
      return ok({ id: chat.answer(id, text) });
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
