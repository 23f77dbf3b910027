import type { DataEvent, Outreach } from './records';

/** What an app has sent to contacts outside of conversations. */
export function createOutreach() {
  const messages = new Map<string, Outreach>();
  const events: DataEvent[] = [];
  return {
    /** The messages that were not answered, oldest first. */
    messages: (): Outreach[] => [...messages.values()],
    message: (id: string): Outreach | undefined => messages.get(id),
    keep: (message: Outreach): void => void messages.set(message.id, message),
    remove: (id: string): boolean => messages.delete(id),
    events: (): readonly DataEvent[] => events,
    /** Keeps an event, unless it is a repetition: the same contact, name and second. */
    track(event: DataEvent): void {
      const { event_name, created_at, contactId } = event;
      const isKnown = events.some(
        (one) =>
          one.contactId === contactId &&
          one.event_name === event_name &&
          one.created_at === created_at,
      );
      if (!isKnown) events.push(event);
    },
    restore(saved: { messages?: Outreach[]; events?: DataEvent[] }): void {
      messages.clear();
      saved.messages?.forEach((one) => messages.set(one.id, one));
      events.splice(0, events.length, ...(saved.events ?? []));
    },
  };
}
