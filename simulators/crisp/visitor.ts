import type { Crowd, Person } from '../connector';
import type { CrispSimulator } from './server';
import type { Conversation, Message } from './types';

/**
 * A person of the crowd writes in the chatbox. As the site's snippet does, it says on every page who
 * they are for PostHog and which session they are in, so that it is still true after a new visit.
 */
export function chatAs(
  crisp: Pick<CrispSimulator, 'sessions' | 'visitorOpens' | 'setSessionData' | 'visitorWrites'>,
  crowd: Pick<Crowd, 'visitor'>,
  { id, name, email }: Person,
  text: string,
): { conversation: Conversation; message: Message } {
  const data = {
    posthog_session_id: crowd.visitor(id).sessionId,
    posthog_distinct_id: id,
  };
  const known = crisp.sessions().find(({ meta }) => meta.data.posthog_distinct_id === id);
  const conversation =
    known ?? crisp.visitorOpens({ nickname: name, ...(email && { email }), data });
  crisp.setSessionData(conversation.session_id, data);
  return { conversation, message: crisp.visitorWrites(conversation.session_id, text) };
}
