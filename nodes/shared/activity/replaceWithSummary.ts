import type { INodeProperties } from 'n8n-workflow';
import { LATEST_ACTIONS } from '../../../core/delivery/claim';
import { ConversationGoneError } from '../../../core/delivery/destination';
import { replaceWithSummary } from '../../../core/delivery/replace';
import { sessionOf, unlessGone } from '../items';
import { optionsField } from '../operations/fields';
import { operation, type Operation } from '../operations/operation';
import type { Item } from '../operations/run';
import { formatFields } from './format';
import { notLinked, setUpDelivery, type DestinationOf } from './setUp';

const summaryFormat = formatFields('summary');

const keepLatest: INodeProperties = {
  displayName: 'Keep Latest Actions',
  name: 'keepLatest',
  type: 'number',
  typeOptions: { minValue: 0, maxValue: 500 },
  default: LATEST_ACTIONS,
  description:
    'How many of the latest actions stay readable: a note with any of them stays until newer notes exist. With 0, only the summary stays.',
};

/** Nodes of version 1 keep none unless they are told to. */
function keptBy({ options, context }: Item): number {
  const keeps = context.getNode().typeVersion >= 1.1 || options.has(keepLatest);
  return keeps ? options.count(keepLatest) : 0;
}

/** Each item with the summary note that was posted, if one was, and how many notes were redacted. */
export function replaceIn(destinationOf: DestinationOf): Operation {
  return operation({
    value: 'replaceWithSummary',
    name: 'Replace With Summary',
    action: 'Replace activity with a summary',
    description: 'Post the summary as a note, then redact the activity notes it covers',
    fields: [...summaryFormat.all, optionsField(keepLatest, ...summaryFormat.options)],
    retried: true,
    atOnce: Infinity,
    prepare: (context) => setUpDelivery(context, destinationOf),
    async run(item, { memoryOf, partsFor }) {
      const session = sessionOf(memoryOf(item.index), item);
      if (!session) return notLinked();
      const includePaused = item.json.resumed === true;
      const options = {
        includePaused,
        keepLatest: keptBy(item),
        format: summaryFormat.formatOf(item),
      };
      const work = replaceWithSummary(partsFor(item), session, options);
      const outcome = await unlessGone(item.context, work);
      if (outcome instanceof ConversationGoneError) {
        return { json: { conversation_id: null, link_ended: outcome.conversationId } };
      }
      if (outcome.status === 'not_linked') return notLinked();
      const { conversationId, summaryNote, redacted, leftForLater } = outcome;
      const json = { conversation_id: conversationId, summary_note: summaryNote, redacted };
      return { json, leftForLater, worked: summaryNote !== null || redacted > 0 };
    },
  });
}
