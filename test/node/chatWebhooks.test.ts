import { createHmac } from 'node:crypto';
import type { IDataObject, IHookFunctions, WorkflowActivateMode } from 'n8n-workflow';
import { AutoplayPushTrigger } from '../../nodes/AutoplayPushTrigger/AutoplayPushTrigger.node';
import { CrispConversationTrigger } from '../../nodes/CrispConversationTrigger/CrispConversationTrigger.node';
import { IntercomConversationTrigger } from '../../nodes/IntercomConversationTrigger/IntercomConversationTrigger.node';
import { callWebhook } from '../support/webhookNode';

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

describe.each([
  ['Intercom', new IntercomConversationTrigger(), { clientSecret: 'secret' }],
  ['Crisp', new CrispConversationTrigger(), { webhookSecret: 'secret', tier: 'website' }],
  ['Autoplay', new AutoplayPushTrigger(), { secret: 'secret' }],
])('a webhook of %s', (_, node, credential) => {
  const empty = Object.fromEntries(Object.keys(credential).map((field) => [field, ' ']));
  const check = async (given: IDataObject, mode: WorkflowActivateMode) => {
    const warned: string[] = [];
    const context = {
      getNode: () => ({ name: 'Trigger', credentials: { autoplayPushApi: {} } }),
      getCredentials: async () => given,
      getActivationMode: () => mode,
      logger: { warn: (text: string) => warned.push(text) },
    } as unknown as IHookFunctions;
    const { checkExists } = node.webhookMethods.default!;
    return { exists: await checkExists.call(context), warned };
  };

  it('is published with a secret', async () => {
    expect(await check(credential, 'activate')).toEqual({ exists: true, warned: [] });
  });

  it.each(['activate', 'update', 'manual'] as const)(
    'is not published without one (%s), and says what to do',
    async (mode) => {
      await expect(check(empty, mode)).rejects.toMatchObject({
        message: expect.stringMatching(/^The credential has no .*Secret, so every/),
        description: expect.stringMatching(/^Fill in /),
      });
      await expect(check({}, mode)).rejects.toThrow('no');
    },
  );

  it('only warns where n8n starts with what was published before', async () => {
    const { exists, warned } = await check(empty, 'init');
    expect([exists, warned]).toEqual([true, [expect.stringMatching(/^Trigger: The credential/)]]);
  });
});

it('a website hook is not published with a secret that no URL can hold', async () => {
  const node = new CrispConversationTrigger();
  const publish = async (tier: string) =>
    await node.webhookMethods.default!.checkExists.call({
      getNode: () => ({ name: 'Trigger' }),
      getCredentials: async () => ({ webhookSecret: 'a#b', tier }),
      getActivationMode: () => 'activate',
    } as unknown as IHookFunctions);
  await expect(publish('website')).rejects.toThrow('#');
  expect(await publish('plugin')).toBe(true);
});
