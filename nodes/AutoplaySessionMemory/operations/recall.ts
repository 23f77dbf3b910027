import type { IDataObject, INodeProperties } from 'n8n-workflow';
import type { Recollection } from '../../../core/memory/types';
import { actionsText } from '../../../core/text/lines';
import { recalledReplay } from '../../../core/posthog/replay';
import { replayFields, replayOf } from '../../shared/activity/format';
import { openMemory } from '../../shared/memory/open';
import { operation } from '../../shared/operations/operation';
import { isTool } from '../../shared/isTool';
import { chatFields, chatOf } from './chat';
import { identityFields, identityOf, productOf, productOptions } from './identity';
import { dataNote } from './dataNote';
import { hintNothing } from './nothing';

const conversationId: INodeProperties = {
  displayName: 'Conversation ID',
  name: 'conversationId',
  type: 'string',
  default: '={{ $json.conversation_id }}',
  description:
    'Recalls only a session linked to this conversation, because visitors can claim to be someone else. If empty, the fields below decide.',
};

const minutes: INodeProperties = {
  displayName: 'Time Window (Minutes)',
  name: 'minutes',
  type: 'number',
  typeOptions: { minValue: 0, numberPrecision: 1 },
  default: 2,
  description: 'How far back to list actions. The summary covers what came before.',
};

const maxActions: INodeProperties = {
  displayName: 'Max Actions',
  name: 'maxActions',
  type: 'number',
  typeOptions: { minValue: 1, maxValue: 500 },
  default: 20,
  description: 'The maximum number of actions to list; the latest are kept',
};

const onlyNew: INodeProperties = {
  displayName: 'Only New Activity',
  name: 'onlyNew',
  type: 'boolean',
  default: false,
  description:
    'Whether to leave out what an earlier Recall with this option returned for this conversation, including summaries of it',
};

/**
 * Each item with `activity` (text), `summary`, `actions`, the session's `links`, `last_seen_at` and `replay_url`; all empty where
 * there is no session that the conversation may know. As a tool of an AI Agent: `activity` in words, `known`,
 * `links`, `last_seen_at`, and a `note` to the model.
 */
export const recall = operation({
  value: 'recall',
  name: 'Recall',
  action: 'Recall activity',
  description: "Get a visitor's latest actions and a summary of what came before",
  fields: [
    ...chatFields,
    conversationId,
    ...identityFields({
      sessionId:
        'With a conversation: which of its sessions, by default the latest. Otherwise the session to recall.',
      userId: 'Without conversation and session: recalls the newest session of this user',
      email: 'If the user is unknown, too: recalls the newest session with this address',
    }),
    minutes,
    maxActions,
    onlyNew,
    productOptions(undefined, ...replayFields),
  ],
  async prepare(context) {
    return { ...(await openMemory(context)), hinted: new Set<string>() };
  },
  async run(item, { storage, memoryOf, hinted }) {
    const memory = memoryOf(item.index);
    const found = await memory.recall({
      chat: chatOf(item),
      ...identityOf(item),
      product_id: productOf(item),
      conversation_id: item.text(conversationId) || undefined,
      windowMs: item.milliseconds(minutes, 60_000),
      maxActions: item.count(maxActions),
      onlyNew: item.isOn(onlyNew),
    });
    if (!found && !isTool(item.context) && !hinted.has(memory.name)) {
      hinted.add(memory.name);
      await hintNothing(item.context, storage, memory, NOT_FOUND);
    }
    const json = found ? toSteps(found, replayOf(item)) : NOTHING;
    return { json, toModel: toModel(found) };
  },
});

const NOT_FOUND =
  'Nothing is remembered of a visitor, or their session is not linked to this conversation.';

function toSteps(found: Recollection, replayIn: string | null | undefined): IDataObject {
  const { session, summary, actions } = found;
  return {
    product_id: session.product_id,
    session_id: session.session_id,
    known: true,
    activity: activityOf(found),
    summary,
    actions,
    links: session.links,
    last_seen_at: timeOf(found),
    replay_url: recalledReplay(found, replayIn) ?? null,
  };
}

/** What an AI Agent's model reads: each action once, and what to take it for. */
function toModel(found: Recollection | null): IDataObject {
  if (!found) return { activity: 'Nothing is remembered of this visitor.', known: false };
  return {
    activity: activityOf(found) || 'Nothing lately, and no summary of what came before.',
    known: true,
    last_seen_at: timeOf(found),
    links: found.session.links,
    note: dataNote('The activity is'),
  };
}

function activityOf({ session, summary, actions }: Recollection): string {
  const listed = actions.length > 0 ? actionsText(session, actions) : '';
  return [summary, listed].filter(Boolean).join('\n\n');
}

const timeOf = ({ last_seen_at }: Recollection) => new Date(last_seen_at).toISOString();

/** Also overwrites what an earlier step found out about a session that this conversation may not know. */
const NOTHING = {
  known: false,
  activity: '',
  summary: null,
  actions: [],
  links: {},
  last_seen_at: null,
  replay_url: null,
};
