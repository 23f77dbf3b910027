import { type Crowd, isStuckWay, STUCK_WAYS } from '../connector';
import { type ApiError, apiError, isApiError } from '../http/apiError';
import { type Addressed, findRoute } from '../http/route';
import { acts, isAct } from './acts';
import type { Activity } from './activity';
import type { Agents } from './agents';
import { type Chat, listAll } from './chat';
import type { ConnectionsWatch } from './connections';
import type { DemoFacts } from './facts';
import type { OfferReport } from './offers';

/** What the calls of the page work on. */
interface ApiParts {
  chats: readonly Chat[];
  crowd: Crowd;
  activity: Activity;
  connections: Pick<ConnectionsWatch, 'now'>;
  facts: DemoFacts;
  agents: Agents;
  offers: OfferReport;
  /** Whether there is a website that the page's user can be a visitor of. */
  hasWebsite: boolean;
}

interface Call extends ApiParts {
  /** The person or conversation in the path. */
  id: string;
  body: Record<string, unknown>;
}

interface Route extends Addressed {
  /** Returns the answer's value or a promise of it, or throws an ApiError. */
  handle(call: Call): unknown;
}

const routes: Route[] = [
  {
    method: 'GET',
    path: /^\/api\/demo$/,
    handle: ({ facts, hasWebsite }) => ({ ...facts, website: hasWebsite ? '/site/' : null }),
  },
  {
    method: 'GET',
    path: /^\/api\/people$/,
    handle: ({ crowd, activity }) =>
      crowd.people.map((person) => ({
        ...person,
        sessionId: crowd.visitor(person.id).sessionId,
        active: crowd.isActive(person.id),
        here: crowd.isHere(person.id),
        actions: activity.of(person.id),
      })),
  },
  {
    method: 'POST',
    path: /^\/api\/people\/([^/]+)\/acts$/,
    handle({ crowd, id, body: { act } }) {
      const person = personOf(crowd, id);
      if (!isAct(act)) throw refusal(400, `act must be one of ${Object.keys(acts).join(', ')}`);
      return { count: crowd.act(person.id, acts[act]).count };
    },
  },
  {
    method: 'POST',
    path: /^\/api\/people\/([^/]+)\/stuck$/,
    handle({ crowd, id, body: { way } }) {
      const person = personOf(crowd, id);
      if (!isStuckWay(way)) throw refusal(400, `way must be one of ${STUCK_WAYS.join(', ')}`);
      crowd.getStuck(person.id, way);
      return { active: crowd.isActive(id) };
    },
  },
  {
    method: 'POST',
    path: /^\/api\/people\/([^/]+)\/active$/,
    handle({ crowd, id, body }) {
      crowd.setActive(personOf(crowd, id).id, body.active === true);
      return { active: crowd.isActive(id) };
    },
  },
  {
    method: 'GET',
    path: /^\/api\/connections$/,
    handle: ({ connections }) => connections.now(),
  },
  {
    method: 'GET',
    path: /^\/api\/offers$/,
    handle: ({ offers }) =>
      offers().catch(() => {
        throw refusal(503, 'The memory of the workflows cannot be read.');
      }),
  },
  { method: 'GET', path: /^\/api\/conversations$/, handle: ({ chats }) => listAll(chats) },
  {
    method: 'POST',
    path: /^\/api\/conversations$/,
    handle({ chats, crowd, body }) {
      const chat = chats.find(({ name }) => name === (body.chat ?? 'intercom'));
      if (!chat) throw refusal(400, `chat must be ${chats.map(({ name }) => name).join(' or ')}`);
      return { id: chat.start(personOf(crowd, body.personId), textOf(body)) };
    },
  },
  {
    method: 'GET',
    path: /^\/api\/conversations\/([^/]+)$/,
    handle: ({ chats, id }) => chatOf(chats, id).thread(id),
  },
  {
    method: 'POST',
    path: /^\/api\/conversations\/([^/]+)\/replies$/,
    handle({ chats, id, body }) {
      const chat = chatOf(chats, id);
      const text = textOf(body);
      if (body.as !== 'operator') return chat.reply(id, text);
      if (!chat.answer) throw refusal(400, 'Only conversations in Crisp have an operator');
      return { id: chat.answer(id, text), conversation: id };
    },
  },
  {
    method: 'POST',
    path: /^\/api\/conversations\/([^/]+)\/choices$/,
    handle({ chats, id, body: { entry, choice } }) {
      chatOf(chats, id).choose(id, String(entry), String(choice));
      return {};
    },
  },
  {
    method: 'POST',
    path: /^\/api\/conversations\/([^/]+)\/questions$/,
    handle: ({ chats, agents, id, body }) =>
      agents.ask(chatOf(chats, id).thread(id), body.as === 'attacker'),
  },
];

/** Carries out one call of the page. A refusal is `{ error }` with status 400, 404 or 503. */
export async function callApi(
  parts: ApiParts,
  method: string,
  path: string,
  body: Record<string, unknown>,
): Promise<{ status: number; value: unknown }> {
  try {
    const found = findRoute(routes, method, path);
    if (!found) throw refusal(404, 'There is no such call');
    return {
      status: 200,
      value: await found.route.handle({ ...parts, id: found.caught[0] ?? '', body }),
    };
  } catch (thrown) {
    if (!isApiError(thrown)) throw thrown;
    return { status: thrown.status, value: { error: thrown.message } };
  }
}

const refusal = (status: number, message: string): ApiError => apiError(status, '', message);

function personOf({ people }: Crowd, id: unknown): Crowd['people'][number] {
  const person = people.find((one) => one.id === id);
  if (!person) throw refusal(404, 'There is no such person');
  return person;
}

function chatOf(chats: readonly Chat[], id: string): Chat {
  const chat = chats.find((one) => one.owns(id));
  if (!chat) throw refusal(404, 'There is no such conversation');
  return chat;
}

function textOf({ text }: Record<string, unknown>): string {
  const words = typeof text === 'string' ? text.trim() : '';
  if (words === '') throw refusal(400, 'text is empty');
  return words;
}
