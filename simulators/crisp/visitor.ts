import type { Crowd, Person } from '../connector';
import type { CrispSimulator } from './server';
import type { Conversation, Message, Page } from './types';

/** What the site continues a person's session with in any browser. A real site's cannot be guessed. */
export const continuityToken = ({ id }: Person): string => `northwind-visitor-${id}`;

/**
 * A person of the crowd is on a page, where the chatbox loads: the first time, that makes a session which is no
 * conversation yet. As the site's snippet does, it says who they are for PostHog and which session they are in, so that it
 * is still true after a new visit.
 *
 * @param page where they are now; left out where they were before
 */
export function visitAs(
  crisp: Pick<CrispSimulator, 'sessions' | 'visitorArrives' | 'setSessionData' | 'visitorVisits'>,
  person: Person,
  posthogSessionId: string,
  page?: Page,
): Conversation {
  const { id, name, email } = person;
  const data = { posthog_session_id: posthogSessionId, posthog_distinct_id: id };
  const session =
    crisp.sessions().find(({ meta }) => meta.data.posthog_distinct_id === id) ??
    crisp.visitorArrives({
      nickname: name,
      token: continuityToken(person),
      ...(email && { email }),
      data,
    });
  crisp.setSessionData(session.session_id, data);
  if (page) crisp.visitorVisits(session.session_id, page);
  return session;
}

/** A person of the crowd writes in the chatbox. */
export function chatAs(
  crisp: Parameters<typeof visitAs>[0] & Pick<CrispSimulator, 'visitorWrites'>,
  crowd: Pick<Crowd, 'visitor'>,
  person: Person,
  text: string,
): { conversation: Conversation; message: Message } {
  const conversation = visitAs(crisp, person, crowd.visitor(person.id).sessionId);
  return { conversation, message: crisp.visitorWrites(conversation.session_id, text) };
}
