import { randomUUID } from 'node:crypto';
import { systemClock } from '../../../core/clock';
import type { NewMessage } from '../../../core/crisp/api';
import { makeFingerprint } from '../../../core/crisp/fingerprint';
import { sendOnce, type Silence } from '../../../core/crisp/send';
import type { Crisp } from '../../shared/crisp';
import { nameOfSending, once } from '../../shared/once';
import type { Item } from '../../shared/operations/run';

/**
 * Sends an item's message once, however often n8n repeats the step. The fingerprint is the same each time, so that a
 * process that knows nothing of the earlier try finds the message in the conversation.
 *
 * @returns its fingerprint
 * @throws as {@link sendOnce}
 */
export async function sendItem(
  { context, index }: Item,
  { api, secret }: Pick<Crisp, 'api' | 'secret'>,
  conversationId: string,
  message: Omit<NewMessage, 'fingerprint'>,
  silence?: Silence,
): Promise<number> {
  const name = nameOfSending(context, index, conversationId, message.content);
  const fingerprint = makeFingerprint(name ?? randomUUID(), secret);
  const mayHaveLanded = name !== undefined;
  const parts = { api, clock: systemClock, random: Math.random, secret, mayHaveLanded, silence };
  return await once(name, () => sendOnce(parts, conversationId, { ...message, fingerprint }));
}
