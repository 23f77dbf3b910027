import type { Author, Contact, Conversation, Source } from './records';

/** Who in the workspace can start a conversation. */
export type Beginning = 'teammate' | 'team' | 'campaign' | 'series' | 'custom bot' | 'Fin';

const operator = { id: '275', name: 'Operator', email: 'operator+nwboards@intercom.io' };

/** From the API's description of `conversation_source.delivered_as` (2.14). */
const BEGINNINGS: Record<Beginning, { delivered_as: string; author?: Author }> = {
  teammate: { delivered_as: 'admin_initiated' },
  team: {
    delivered_as: 'admin_initiated',
    author: { type: 'team', id: '5017691', name: 'Support', email: null },
  },
  campaign: { delivered_as: 'campaigns_initiated' },
  series: { delivered_as: 'automated' },
  'custom bot': {
    delivered_as: 'operator_initiated',
    author: { type: 'bot', ...operator, from_ai_agent: false, is_ai_answer: false },
  },
  Fin: {
    delivered_as: 'operator_initiated',
    author: { type: 'bot', ...operator, name: 'Fin', from_ai_agent: true, is_ai_answer: true },
  },
};

/** The source of a conversation's first message. @param admin the author for teammates and campaigns */
export function sourceOf(as: Beginning, admin: Author): Pick<Source, 'delivered_as' | 'author'> {
  const { delivered_as, author = admin } = BEGINNINGS[as];
  return { delivered_as, author };
}

/** Whether the author is a contact and not a member of the workspace. */
export function isContact({ type }: Author): boolean {
  return type === 'user' || type === 'lead';
}

/** A contact as a conversation lists it. */
export function refOf({ id, external_id }: Contact): NonNullable<Conversation['joined']>[number] {
  return { id, external_id };
}
