import type { Crowd, Deed } from './connector';
import type { CrispSimulator } from './crisp';
import { visitAs } from './crisp/visitor';
import type { IntercomSimulator } from './intercom';

/**
 * The widgets of both chat products on the site, as the crowd's browsers load them with each page: so the products know who
 * is there and where, before anybody writes.
 */
export function createWidgets(crisp: CrispSimulator, intercom: IntercomSimulator) {
  return {
    /** A page with the widgets is open in front of a person. @param url whole */
    load({
      person,
      sessionId,
      page,
      url,
    }: Pick<Deed, 'person' | 'sessionId' | 'url'> & { page: { title: string } }): void {
      visitAs(crisp, person, sessionId, { title: page.title, url });
      const contact = intercom.findContact({ external_id: person.id });
      if (contact) intercom.visitorIsSeen(contact.id);
    },
    /** Lets Crisp know who leaves and comes back; returns a function that ends this. */
    follow: (crowd: Pick<Crowd, 'onPresence' | 'isHere'>) =>
      crowd.onPresence((personId) => {
        const session = crisp
          .sessions()
          .find(({ meta }) => meta.data.posthog_distinct_id === personId);
        const presence = crowd.isHere(personId) ? 'active' : 'gone';
        if (session) crisp.setPresence(session.session_id, presence);
      }),
  };
}
