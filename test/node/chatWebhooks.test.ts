import { createHmac } from 'node:crypto';
import { CrispConversationTrigger } from '../../nodes/CrispConversationTrigger/CrispConversationTrigger.node';
import { IntercomConversationTrigger } from '../../nodes/IntercomConversationTrigger/IntercomConversationTrigger.node';
import { callWebhook } from '../support/webhookNode';

// The first to run loads n8n-core.
/** Of an event that starts nothing, so that only the proof decides. */
const rawBody = Buffer.from('{"topic":"ping","event":"ping"}');
const COPIED = ' the secret\n';
const hmac = (algorithm: string, secret: string, text: string) =>
  createHmac(algorithm, secret).update(text).digest('hex');

function intercomHeaders(secret: string) {
  return { 'x-hub-signature': `sha1=${hmac('sha1', secret, String(rawBody))}` };
}
function crispHeaders(secret: string) {
  const time = String(Date.now());
  return {
    'x-crisp-request-timestamp': time,
    'x-crisp-signature': hmac('sha256', secret, `[${time};${String(rawBody)}]`),
  };
}

it.each([
  ['Intercom', new IntercomConversationTrigger(), 'clientSecret', intercomHeaders],
  ['Crisp', new CrispConversationTrigger(), 'webhookSecret', crispHeaders],
] as const)('%s proves itself also where the secret was copied with spaces', async (...given) => {
  const [, node, field, headersOf] = given;
  const call = async (secret: string, signedWith: string) => {
    const request = { headers: headersOf(signedWith), rawBody };
    const parameters = { events: [], messageTypes: [] };
    return (await callWebhook(node, request, { credential: { [field]: secret }, parameters }))
      .status;
  };
  expect(await call(COPIED, 'the secret')).toBe(200);
  expect(await call(COPIED, 'another')).toBe(403);
  expect(await call(' \n', '')).toBe(403);
});
