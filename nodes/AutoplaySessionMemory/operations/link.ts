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
  action: 'Link a conversation to its session',
  description: 'Note which session a conversation belongs to',
  fields: [
    ...chatFields,
    conversationField('The conversation to link'),
    ...identityFields({
      sessionId:
        'The first of session, user and email that is known decides; the newest session is taken. If a session is named here that is not known yet, the conversation waits for it. If none is known, a session in which the stream named this conversation is taken.',
      userId: 'The ID that the site gives PostHog and the chat product',
      email: 'Used where neither session nor user is known',
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
