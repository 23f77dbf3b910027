import type { Author, Contact, Conversation, Source } from './records';

/** Who of the workspace may begin a conversation, and how Intercom says so. */
export type Beginning = 'teammate' | 'team' | 'campaign' | 'series' | 'custom bot' | 'Fin';

const operator = { id: '275', name: 'Operator', email: 'operator+nwboards@intercom.io' };

/** After the description of `conversation_source.delivered_as` in the API (2.14). */
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

/** How the first message of such a conversation was sent. @param admin who sends what teammates and campaigns send */
export function sourceOf(as: Beginning, admin: Author): Pick<Source, 'delivered_as' | 'author'> {
  const { delivered_as, author = admin } = BEGINNINGS[as];
  return { delivered_as, author };
}

/** Whether a contact wrote it; all others are of the workspace. */
export function isContact({ type }: Author): boolean {
  return type === 'user' || type === 'lead';
}

/** As a conversation refers to a contact. */
export function refOf({ id, external_id }: Contact): NonNullable<Conversation['joined']>[number] {
  return { id, external_id };
}
