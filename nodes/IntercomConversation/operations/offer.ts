import type { INodeProperties } from 'n8n-workflow';
import { intercomFor } from '../../shared/intercom';
import { offerResource, onlyWhileThere } from '../../shared/offers';
import { choiceField } from '../../shared/operations/parameters';
import type { Item } from '../../shared/operations/run';
import { authorOf } from './author';

const deliverAs = choiceField<'message' | 'event'>({
  displayName: 'Deliver As',
  name: 'deliverAs',
  type: 'options',
  options: [
    {
      name: 'Message',
      value: 'message',
      description: "In the Messenger, in the author's name, with the choices as quick replies",
    },
    {
      name: 'Data Event',
      value: 'event',
      description:
        'Your own message, banner or tour in Intercom starts on it. Text and choices are not sent.',
    },
  ],
  default: 'message',
});

const eventName: INodeProperties = {
  displayName: 'Event Name',
  name: 'eventName',
  type: 'string',
  displayOptions: { show: { deliverAs: ['event'] } },
  default: 'autoplay-offer',
  description: "The event's metadata are rule and page. Intercom allows 120 names in a workspace.",
};

/** The event's name; undefined for a message, and for Withdraw, which has no such field. */
function eventOf(item: Item): string | undefined {
  if (item.raw(deliverAs) === '' || item.choice(deliverAs) === 'message') return undefined;
  const named = item.text(eventName);
  if (named !== '') return named;
  throw item.fault('The data event has no name', 'Fill in Event Name.');
}

export const offer = offerResource({
  fields: [deliverAs, eventName],
  options: [onlyWhileThere],
  async prepare(context) {
    const { gate, offers } = await intercomFor(context);
    return {
      isAway: () => gate.isAway(),
      channel: (item) =>
        offers({
          adminId: authorOf(item),
          onlyWhileThere: item.options.isOn(onlyWhileThere),
          eventName: eventOf(item),
        }),
    };
  },
});
