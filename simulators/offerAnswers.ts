import type { Clock } from '../core/clock';
import type { Crowd } from './connector';
import type { CrispSimulator } from './crisp';
import type { IntercomSimulator } from './intercom';
import { between, type Random } from './random';
import { crispRecipient, intercomRecipient, type Recipient } from './recipients';

interface Parts {
  crisp: CrispSimulator;
  intercom: IntercomSimulator;
  crowd: Pick<Crowd, 'people' | 'isActive' | 'isHere'>;
  clock: Clock;
  random: Random;
}

/** Until a visitor has read an offer, in milliseconds. */
const READING_MS = [5_000, 20_000] as const;
/** Up to which share of those who read it visitors take the first choice, decline by the last one, or write. The others do nothing. */
const UP_TO = { take: 0.4, decline: 0.6, write: 0.7 };
const WORDS = 'How does that work?';

/** Lets those persons of the crowd who act alone answer what they are offered; returns a function that ends this. */
export function answerOffers({ crisp, intercom, crowd, clock, random }: Parts): () => void {
  const timers = new Set<() => void>();

  const meet = (personId: unknown, recipient: Recipient): void => {
    const person = crowd.people.find(({ id }) => id === personId);
    if (!person) return;
    const cancel = clock.after(between(random, ...READING_MS), () => {
      timers.delete(cancel);
      const offer = recipient.offers().at(-1);
      const isOpen = offer?.choices.length && !offer.choices.some(({ chosen }) => chosen);
      if (!isOpen || !crowd.isActive(person.id) || !crowd.isHere(person.id)) return;
      const { choices } = offer;
      recipient.read();
      const chance = random();
      if (chance < UP_TO.take) recipient.tap(offer, choices[0]!.id);
      else if (chance < UP_TO.decline) recipient.tap(offer, choices.at(-1)!.id);
      else if (chance < UP_TO.write) recipient.type(WORDS);
    });
    timers.add(cancel);
  };

  const unwatch = [
    crisp.onChange((change) => {
      if (change.kind !== 'message' || change.message.type !== 'picker') return;
      const { session_id, meta } = change.conversation;
      meet(meta.data.posthog_distinct_id, crispRecipient(crisp, session_id));
    }),
    intercom.onChange((change) => {
      if (change.kind !== 'part-created' || !change.part.options?.length) return;
      const { contactId } = change.conversation;
      const { external_id } = intercom.contact(contactId);
      meet(external_id, intercomRecipient(intercom, contactId));
    }),
  ];
  return () => [...unwatch, ...timers].forEach((stop) => stop());
}
