import { openMemory } from '../../shared/memory/open';
import { conversationField, conversationOf } from '../../shared/operations/fields';
import { operation } from '../../shared/operations/operation';
import { choiceField } from '../../shared/operations/parameters';
import type { NamedMemory } from '../../../core/memory/named';
import type { LinkRequest } from '../../../core/memory/types';
import { tellTrigger } from '../../shared/signals';
import { patientMemory } from '../../shared/memory/trouble';
import { chatFields, chatOf } from './chat';
import { identityFields, identityOf, productOf, productOptions } from './identity';

const event = choiceField({
  displayName: 'What Happened',
  name: 'event',
  type: 'options',
  options: [
    {
      name: 'Message',
      value: 'message',
      description: 'The visitor or a teammate wrote, or reopened it',
    },
    {
      name: 'Conversation Was Closed',
      value: 'closed',
      description: 'Or snoozed. Nothing is linked, and notes that follow the conversation stop.',
    },
    {
      name: 'Visitor Became Known',
      value: 'known',
      description: 'Nobody wrote: the chat product only learned who the visitor is',
    },
  ],
  default: 'message',
  description:
    'What happened in the conversation. The Pace of Deliver Activity follows it, and a message silences offers.',
});

/**
 * Each item with its session, if one is known yet, and `link_status`: linked, already_linked,
 * linked_elsewhere, waiting or ambiguous. For a conversation that was closed already_linked or not_linked.
 */
export const link = operation({
  value: 'link',
  name: 'Link',
  action: 'Link a conversation',
  description: "Connect a conversation to its visitor's session",
  fields: [
    ...chatFields,
    conversationField('The conversation to link'),
    ...identityFields({
      sessionId:
        "Links the newest session of the first known among session, user and email. An unknown session ID is waited for. If none is known, the stream's own conversation_id decides.",
      userId: 'The ID your site gives to PostHog and the chat product',
      email: 'Used if neither session nor user is known',
    }),
    event,
    productOptions(),
  ],
  prepare: (context) => openMemory(context),
  async run(item, { memoryOf }) {
    const conversation_id = conversationOf(item);
    const request = {
      chat: chatOf(item),
      conversation_id,
      ...identityOf(item),
      product_id: productOf(item),
    };
    const memory = patientMemory(memoryOf(item.index), item.context.getWorkflow().id);
    const happened = item.choice(event);
    const { status, session } =
      happened === 'closed'
        ? await close(memory, request)
        : await memory.link({ ...request, hasMessage: happened === 'message' });
    if (status === 'waiting') {
      await reportUnknown(memoryOf(item.index), request, item.context.getWorkflow().id);
    }
    const ids = session && { product_id: session.product_id, session_id: session.session_id };
    return {
      json: { conversation_id, ...ids, links: session?.links ?? {}, link_status: status },
    };
  },
});

/**
 * Reports to the workflow's trigger that a conversation waits for a visitor, so that it can ask the source what they did.
 * In queue mode the trigger is in another process and hears nothing.
 */
async function reportUnknown(
  memory: Pick<NamedMemory, 'recall'>,
  { user_id, product_id }: Pick<LinkRequest, 'user_id' | 'product_id'>,
  workflowId: string | undefined,
): Promise<void> {
  const trigger = tellTrigger(workflowId);
  if (!user_id || !trigger.isHeard) return;
  // If another session than the one that is waited for is known, its actions must not be remembered twice.
  const query = { user_id, product_id, windowMs: 0, maxActions: 0 };
  const known = await memory.recall(query).catch(() => null);
  trigger.unknownVisitor({ user_id, product_id, since: known?.last_seen_at });
}

async function close(memory: Pick<NamedMemory, 'closeConversation'>, conversation: LinkRequest) {
  const session = await memory.closeConversation(conversation);
  return { status: session ? 'already_linked' : 'not_linked', session };
}
