import { DEFAULT_MANNERS } from '../../core/manners/defaults';
import type { Choice, Manners } from '../../core/manners/types';
import type { OfferHold, OfferRequest, SentOffer } from '../../core/memory/offers';
import type { SessionMemory } from '../../core/memory/types';
import type { FakeClock } from './fakeClock';
import { DAY_MS, action, batch, granted, ref } from './memory';

/** Manners that let every offer pass that no other one, conversation or dismissal stands against. */
export const LAX: Manners = {
  ...DEFAULT_MANNERS,
  ...{ earliestMs: 0, perSession: 0, perWeek: 0, perRule: 0, holdout: 0, perMinute: 0 },
  ...{ afterShownMs: 0, afterIgnoredMs: 0, afterAcceptedMs: 0, afterDismissedMs: 0 },
  ...{ afterTwoDismissalsMs: 0, afterConversationMs: 0, afterTypingMs: 0, staleAfterMs: 0 },
  ...{ stopAfterShown: 0, neverOn: [] },
};

export const CHOICES: Choice[] = [
  { value: 'show', label: 'Show me', kind: 'help' },
  { value: 'tour', label: 'Take the tour', kind: 'tour', url: '/plans?tour=1' },
  { value: 'no', label: 'No, thanks', kind: 'no' },
];

let moments = 0;

type Fields = Partial<Omit<OfferRequest, 'moment' | 'manners'>> & {
  moment?: Partial<OfferRequest['moment']>;
  manners?: Partial<Manners>;
};

/** A request for an offer on the page of `act`, for a moment of its own. */
export function offerRequest(at: number, fields: Fields = {}): OfferRequest {
  const { moment, manners, ...rest } = fields;
  return {
    session: ref(),
    chat: 'crisp',
    text: 'Comparing plans?',
    choices: CHOICES,
    observeOnly: false,
    optedOut: false,
    leaseMs: 60_000,
    ...rest,
    manners: { ...LAX, ...manners },
    moment: {
      moment_id: `moment ${++moments}`,
      ...{ name: 'stuck', rule_version: '1', page: '/plans', at },
      ...moment,
    },
  };
}

/** The visitor of a session does something on the page that offers are about. */
export async function act(
  memory: SessionMemory,
  session_id = 's',
  fields: Parameters<typeof batch>[2] = {},
  said: Parameters<typeof action>[1] = {},
): Promise<void> {
  const done = action('looked', { canonical_url: '/plans', ...said });
  await memory.remember('m', [batch(session_id, [done], fields)], DAY_MS);
}

/** Claims an offer that may be made. @throws Error if it may not */
export async function claimed(memory: SessionMemory, request: OfferRequest): Promise<OfferHold> {
  return granted(await memory.claimOffer(request)).hold;
}

export const SENT: SentOffer = { conversation_id: 'c1', message_ref: 'm1' };

/** Lets work go on that gives other calls a turn now and then, until it has ended. */
export async function whileTurning<T>(clock: FakeClock, work: Promise<T>): Promise<T> {
  let isOver = false;
  const over = () => void (isOver = true);
  work.then(over, over);
  while (!isOver) await clock.advance(0);
  return await work;
}

/** Claims an offer and sends it. */
export async function offered(
  memory: SessionMemory,
  request: OfferRequest,
  sent = SENT,
): Promise<OfferHold> {
  const hold = await claimed(memory, request);
  await memory.commitOffer(hold, sent);
  return hold;
}
