import { randomUUID } from 'node:crypto';
import type { IExecuteFunctions } from 'n8n-workflow';
import { systemClock } from '../../../core/clock';
import type { NewMessage } from '../../../core/crisp/api';
import { makeFingerprint } from '../../../core/crisp/fingerprint';
import { sendOnce } from '../../../core/crisp/send';
import type { Look } from '../../../core/crisp/silence';
import type { Crisp } from '../../shared/crisp';
import { nameOfSending, once } from '../../shared/once';

/**
 * Sends an item's message once, however often n8n carries the step out again. Its fingerprint is the same each time, so
 * that it is found in the conversation also where this process knows nothing of it.
 *
 * @param look may keep the message back
 * @returns its fingerprint
 * @throws as {@link sendOnce}
 */
export async function sendItem(
  context: IExecuteFunctions,
  { api, secret }: Pick<Crisp, 'api' | 'secret'>,
  item: number,
  conversationId: string,
  message: Omit<NewMessage, 'fingerprint'>,
  look?: Look,
): Promise<number> {
  const name = nameOfSending(context, item, conversationId, message.content);
  const fingerprint = makeFingerprint(name ?? randomUUID(), secret);
  const mayHaveLanded = name !== undefined;
  const parts = { api, clock: systemClock, random: Math.random, secret, mayHaveLanded };
  return await once(name, () => sendOnce(parts, conversationId, { ...message, fingerprint }, look));
}
