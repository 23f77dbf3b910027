import type { CrispSimulator } from './crisp';
import type { IntercomSimulator } from './intercom';
import { htmlToText } from './intercom/html';

/** A message with buttons, as it is before a visitor. */
export interface SeenOffer {
  /** Of the message with the buttons. */
  id: string;
  /** Null for a message whose conversation the visitor's answer opens. */
  conversationId: string | null;
  text: string;
  choices: { id: string; label: string; chosen: boolean }[];
}

/**
 * A visitor to whom offers are made, the same for both chat products. Closing a chat is no act: neither product reports it.
 * So is doing nothing.
 */
export interface Recipient {
  /** The offers that the visitor sees, oldest first. */
  offers(): SeenOffer[];
  /** Everything that the team has said to them, oldest first, as plain text. */
  heard(): string[];
  /** Opens the chat and reads. Crisp keeps that, Intercom does not. */
  read(): void;
  /** Taps a choice, even again. @throws ApiError 400 or 404 where it is not before them */
  tap(offer: SeenOffer, choiceId: string): void;
  /** Types something instead. */
  type(text: string): void;
  leave(): void;
  comeBack(): void;
}

/** A visitor in Crisp's chatbox. */
export function crispRecipient(crisp: CrispSimulator, sessionId: string): Recipient {
  const said = () => crisp.visitorSees(sessionId).filter(({ from }) => from === 'team');
  return {
    offers: () =>
      said()
        .filter(({ type }) => type === 'picker')
        .map(({ fingerprint, text, choices }) => ({
          id: String(fingerprint),
          conversationId: sessionId,
          text,
          choices: choices.map(({ value, label, selected }) => {
            return { id: value, label, chosen: selected };
          }),
        })),
    heard: () => said().map(({ text }) => text),
    read: () => crisp.visitorReads(sessionId),
    tap: ({ id }, choiceId) => void crisp.visitorPicks(sessionId, Number(id), choiceId),
    type: (text) => void crisp.visitorWrites(sessionId, text),
    leave: () => crisp.setPresence(sessionId, 'gone'),
    comeBack: () => crisp.setPresence(sessionId, 'active'),
  };
}

/** A contact in Intercom's messenger. */
export function intercomRecipient(intercom: IntercomSimulator, contactId: string): Recipient {
  const said = () => intercom.visitorSees(contactId).filter(({ from }) => from === 'team');
  return {
    offers() {
      const all = said();
      return all.flatMap(({ id, conversationId, body, options }, i): SeenOffer[] => {
        const isAlone = conversationId === null;
        if (options.length === 0 && !isAlone) return [];
        // Buttons have no words: those before them belong to them.
        const words = body === '' ? (all[i - 1]?.body ?? '') : body;
        const choices = options.map(({ uuid, text, tapped }) => {
          return { id: uuid, label: text, chosen: tapped };
        });
        return [{ id, conversationId, text: htmlToText(words), choices }];
      });
    },
    heard: () => said().flatMap(({ body }) => (body === '' ? [] : [htmlToText(body)])),
    read: () => intercom.visitorIsSeen(contactId),
    tap({ conversationId }, choiceId) {
      intercom.visitorTaps(conversationId ?? '', choiceId);
    },
    type(text) {
      const latest = intercom.visitorSees(contactId).at(-1);
      const { external_id, email } = intercom.contact(contactId);
      if (latest?.conversationId === null) intercom.visitorAnswers(latest.id, text);
      else if (latest) intercom.visitorReplies(latest.conversationId, text);
      else intercom.visitorStarts({ external_id, email, text });
    },
    // Intercom only knows when somebody was there last.
    leave: () => undefined,
    comeBack: () => intercom.visitorIsSeen(contactId),
  };
}
