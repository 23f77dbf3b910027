import type { IDataObject, INodeProperties } from 'n8n-workflow';
import type { ListedSession } from '../../../core/memory/types';
import { isTool } from '../../shared/isTool';
import { openMemory } from '../../shared/memory/open';
import { operation } from '../../shared/operations/operation';
import { choiceField } from '../../shared/operations/parameters';
import { dataNote } from './dataNote';
import { hintNothing } from './nothing';

const which = choiceField({
  displayName: 'Sessions',
  name: 'listed',
  type: 'options',
  options: [
    { name: 'Linked', value: 'linked', description: 'With a conversation; the latest link first' },
    { name: 'Recent', value: 'recent', description: 'All; those with the latest activity first' },
    {
      name: 'Waiting',
      value: 'waiting',
      description: 'With activity to post, or a summary that failed',
    },
  ],
  default: 'recent',
});

const filter: INodeProperties = {
  displayName: 'Search',
  name: 'filterText',
  type: 'string',
  default: '',
  placeholder: 'e.g. @example.com',
  description:
    'Only sessions whose user ID, email or session ID contains this. Parts of an ID are searched for among the latest sessions only.',
};

const limit: INodeProperties = {
  displayName: 'Limit',
  name: 'limit',
  type: 'number',
  typeOptions: { minValue: 1, maxValue: 500 },
  default: 50,
  description: 'Max number of results to return',
};

/** One item per session; as a tool of an AI Agent, one answer with all. */
export const listSessions = operation({
  value: 'listSessions',
  name: 'List Sessions',
  action: 'List sessions',
  description: 'See who acted last, who has a conversation, and whose activity waits',
  fields: [which, filter, limit],
  prepare: (context) => openMemory(context),
  async run(item, { storage, memoryOf }) {
    const { context } = item;
    const memory = memoryOf(item.index);
    const found = await memory.listSessions({
      which: item.choice(which),
      text: item.text(filter),
      limit: item.count(limit),
    });
    if (found.length === 0 && !isTool(context)) {
      await hintNothing(context, storage, memory, 'No session fits.');
    }
    const each = found.map(shown);
    return { json: {}, each, toModel: { sessions: each, note: dataNote('The last actions are') } };
  },
});

function shown(session: ListedSession): IDataObject {
  const { product_id, session_id, user_id, email, links, last_action } = session;
  const { actions, actions_since_summary, actions_to_deliver } = session;
  return {
    ...{ product_id, session_id, user_id, email, links },
    last_seen_at: new Date(session.last_seen_at).toISOString(),
    last_action: last_action?.description ?? last_action?.title ?? null,
    last_page: last_action?.canonical_url ?? null,
    ...{ action_count: actions, actions_since_summary, actions_to_deliver },
  };
}
