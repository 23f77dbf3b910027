import type { Choice } from '../../core/manners/types';
import type { Offer } from '../../core/offers/channel';
import type { SessionInfo } from '../../core/memory/types';

export const CHOICES: Choice[] = [
  { value: 'help', label: 'Yes, please', kind: 'help' },
  { value: 'no', label: 'No, thanks', kind: 'no' },
];

/** An offer as the memory hands it out. */
export function offer(fields: Partial<Offer> = {}): Offer {
  return {
    offer_id: '0c4f1f2a-8a1b-4f60-9d0e-1b2c3d4e5f60',
    text: 'Comparing plans? I can help.',
    choices: CHOICES,
    moment: {
      moment_id: 'm1',
      name: 'ping_pong',
      rule_version: '1',
      at: Date.now(),
      page: '/pricing',
    },
    since: Date.now(),
    ...fields,
  };
}

/** A session of the user 70, whose address is theirs. */
export function session(fields: Partial<SessionInfo> = {}): SessionInfo {
  return {
    ...{ memory: 'm', product_id: 'shop', session_id: 's1', stream_conversation_id: null },
    ...{ user_id: '70', email: 'ann@example.com', links: {}, ...fields },
  };
}
