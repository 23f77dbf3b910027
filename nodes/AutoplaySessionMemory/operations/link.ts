import { openMemory } from '../../shared/memory/open';
import { conversationField, conversationOf } from '../../shared/operations/fields';
import { operation } from '../../shared/operations/operation';
import { patientMemory } from '../../shared/memory/trouble';
import { chatFields, chatOf } from './chat';
import { identityFields, identityOf, productOf, productOptions } from './identity';

/**
 * Each item with its session, if one is known yet, and `link_status`: linked, already_linked,
 * linked_elsewhere, waiting or ambiguous.
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
    const { status, session } = await memory.link(request);
    const ids = session && { product_id: session.product_id, session_id: session.session_id };
    return {
      json: { conversation_id, ...ids, links: session?.links ?? {}, link_status: status },
    };
  },
});
