import type { IDataObject } from 'n8n-workflow';
import { choiceUuid } from '../../core/manners/choiceUuid';
import { createCrispSimulator, type CrispSimulator } from '../../simulators/crisp';
import { createIntercomSimulator, type IntercomSimulator } from '../../simulators/intercom';
import { runWorkflow } from '../support/runWorkflow';

// Offers through both chat nodes, with n8n's own engine: from a moment to what the visitor chose.

const websiteId = '5e1a6a3c-8d0e-4f4b-9c55-3d2a1c7b9e10';
const USER = { external_id: '70', email: 'ann@example.com' };
/** Of the default manners, what stands in the way of a visit that has only begun. */
const AT_ONCE = { earliestSeconds: 0, holdoutPercent: 0 };

interface Chat {
  node: string;
  credentials: Record<string, Record<string, string>>;
  /** What the visitor sees of the team. */
  seen(): string;
  /** The visitor taps the first choice; the item of the trigger. */
  taps(item: IDataObject): IDataObject;
  close(): Promise<void>;
}

async function intercom(): Promise<Chat> {
  const simulator: IntercomSimulator = createIntercomSimulator({ accessToken: 'token' });
  const { url } = await simulator.listen();
  const { id } = simulator.addContact(USER);
  const team = () => simulator.visitorSees(id).filter(({ from }) => from === 'team');
  return {
    node: 'intercomConversation',
    credentials: {
      intercomConversationApi: { accessToken: 'token', region: 'custom', baseUrl: url },
    },
    seen: () =>
      team()
        .flatMap(({ body, options }) => [body, ...options.map(({ text }) => text)])
        .join(' '),
    taps({ conversation_id, offer_id }) {
      const value = choiceUuid(String(offer_id), 'help');
      simulator.visitorTaps(String(conversation_id), value);
      return { conversation_id, text: 'Yes, please', choice: { value, label: 'Yes, please' } };
    },
    close: () => simulator.close(),
  };
}

async function crisp(): Promise<Chat> {
  const simulator: CrispSimulator = createCrispSimulator({
    websiteId,
    tokens: [{ tier: 'website', identifier: 'i', key: 'k' }],
  });
  const { url } = await simulator.listen();
  const id = simulator.visitorArrives({ email: USER.email, verified: true }).session_id;
  return {
    node: 'crispConversation',
    credentials: {
      crispConversationApi: {
        ...{ websiteId, tokenIdentifier: 'i', tokenKey: 'k', tier: 'website' },
        ...{ webhookSecret: '', baseUrl: `${url}/v1` },
      },
    },
    seen: () =>
      simulator
        .visitorSees(id)
        .flatMap(({ text, choices }) => [text, ...choices.map(({ label }) => label)])
        .join(' '),
    taps({ conversation_id, offer_message_id }) {
      simulator.visitorPicks(id, Number(offer_message_id), 'help');
      const choice = { value: 'help', label: 'Yes, please' };
      return { conversation_id, offer_message_id, text: 'Yes, please', choice };
    },
    close: () => simulator.close(),
  };
}

let visits = 0;

describe.each([
  ['Intercom', intercom],
  ['Crisp', crisp],
] as const)('an offer in %s', (_, open) => {
  let chat: Chat;
  let memoryName: string;
  beforeEach(async () => {
    chat = await open();
    memoryName = `offers ${++visits}`;
    await step('autoplaySessionMemory', { operation: 'remember' }, visit());
  });
  afterEach(() => chat.close());

  /** Runs one step; the items of each of its outputs. */
  async function step(type: string, parameters: object, item: IDataObject) {
    const node = { id: 'a1', name: 'Step', typeVersion: 1, position: [0, 0] as [number, number] };
    const shared = { memoryScope: 'named', memoryName };
    const run = await runWorkflow(
      {
        name: `workflow ${memoryName}`,
        nodes: [
          { ...node, type: `n8n-nodes-autoplay.${type}`, parameters: { ...shared, ...parameters } },
        ],
        connections: {},
      },
      { start: 'Step', items: [item], credentials: chat.credentials },
    );
    const { error, runData } = run.data.resultData;
    if (error) throw error;
    const outputs = runData.Step?.[0]?.data?.main ?? [];
    return outputs.map((items) => (items ?? []).map(({ json }) => json));
  }

  const visit = (): IDataObject => ({
    ...{ type: 'actions', product_id: 'shop', session_id: 's', user_id: '70', email: USER.email },
    forwarded_at: Date.now() / 1_000,
    actions: [{ type: 'pageview', title: 'Pricing', canonical_url: '/pricing' }],
  });
  const moment = (moment_id = 'm1'): IDataObject => ({
    ...{ type: 'moment', moment_id, rule: 'dwell', name: 'Dwelling', rule_version: '1' },
    ...{ at: new Date().toISOString(), page: '/pricing', product_id: 'shop', session_id: 's' },
  });
  const make = async (parameters: object = {}, item = moment()) =>
    await step(
      chat.node,
      {
        ...{ resource: 'offer', operation: 'make', observeOnly: false, manners: AT_ONCE },
        ...parameters,
      },
      item,
    );
  const ofOffer = (operation: string) =>
    step(chat.node, { resource: 'offer', operation }, { product_id: 'shop', session_id: 's' });

  it('is made once, with the text and choices of an untouched node', async () => {
    const [[made], notMade] = (await make()) as [[IDataObject], IDataObject[]];
    expect(notMade).toEqual([]);
    expect(made).toMatchObject({ moment_id: 'm1', offer_id: expect.any(String) as string });
    expect(made.conversation_id).toBeTruthy();
    expect(chat.seen()).toMatch(
      /Need a hand\? I can help you right here\..*Yes, please No, thanks/,
    );
    const [[again]] = (await make()) as [[IDataObject]];
    expect(again).toMatchObject({ offer_id: made.offer_id });
    expect(chat.seen().match(/Need a hand/g)).toHaveLength(1);
  });

  it('is only counted until that is switched off', async () => {
    const untouched = { observeOnly: undefined };
    expect(await make(untouched)).toMatchObject([[], [{ reason: 'observe_only' }]]);
    expect(chat.seen()).toBe('');
  });

  it('says why it was not made', async () => {
    const objected = { options: { objected: true } };
    expect(await make(objected)).toMatchObject([[], [{ reason: 'opted_out' }]]);
    const early = { manners: { holdoutPercent: 0 } };
    expect(await make(early, moment('m2'))).toMatchObject([[], [{ reason: 'too_early' }]]);
    expect(chat.seen()).toBe('');
  });

  it('refuses an item that is no moment', async () => {
    await expect(make({}, visit())).rejects.toMatchObject({ message: 'This item is no moment' });
  });

  it('always has a plain no, and refuses what is no offer', async () => {
    const choices = { choice: [{ label: 'Show me', kind: 'tour', url: 'https://app.test/?t=1' }] };
    await make({ choices });
    expect(chat.seen()).toMatch(/Show me No, thanks$/);
    for (const wrong of [
      { choice: ['a', 'b', 'c'].map((label) => ({ label, kind: 'help' })) },
      { choice: [{ label: 'Look', kind: 'link', url: 'javascript:alert(1)' }] },
      { choice: [{ label: ' \u200b', kind: 'help' }] },
    ]) {
      await expect(make({ choices: wrong }, moment('m2'))).rejects.toMatchObject({
        message: expect.stringContaining('choice') as string,
      });
    }
  });

  it('goes on with what the visitor chooses', async () => {
    const [[made]] = (await make()) as [[IDataObject]];
    const record = { operation: 'recordChoice', chat: chat.node.replace('Conversation', '') };
    const item = chat.taps(made);
    const [[accepted]] = (await step('autoplaySessionMemory', record, item)) as [[IDataObject]];
    expect(accepted).toMatchObject({
      ...{ offer_id: made.offer_id, session_id: 's', outcome: 'accepted', rule: 'Dwelling' },
      choice: { value: 'help', kind: 'help' },
    });
    expect(await ofOffer('withdraw')).toMatchObject([[{ withdrawn: false }]]);
  });

  it('is taken back as long as the visitor has not answered', async () => {
    const [[made]] = (await make()) as [[IDataObject]];
    expect(await ofOffer('withdraw')).toMatchObject([
      [{ offer_id: made.offer_id, withdrawn: true }],
    ]);
    expect(chat.seen()).not.toContain('Need a hand');
    expect(await ofOffer('withdraw')).toMatchObject([[{ offer_id: null, withdrawn: false }]]);
  });
});

it('an offer as a data event leaves what visitors see to Intercom', async () => {
  const simulator = createIntercomSimulator({ accessToken: 'token' });
  const { url: baseUrl } = await simulator.listen();
  try {
    const { id } = simulator.addContact(USER);
    const shared = { memoryScope: 'named', memoryName: `offers ${++visits}` };
    const node = { typeVersion: 1, position: [0, 0] as [number, number] };
    const moment = {
      ...{ moment_id: 'm1', rule: 'dwell', name: 'Dwelling', rule_version: '1', page: '/pricing' },
      ...{ product_id: 'shop', session_id: 's', at: Date.now() },
    };
    const run = await runWorkflow(
      {
        name: 'event',
        nodes: [
          {
            ...{ ...node, id: 'a1', name: 'Remember' },
            type: 'n8n-nodes-autoplay.autoplaySessionMemory',
            parameters: { ...shared, operation: 'remember' },
          },
          {
            ...{ ...node, id: 'a2', name: 'Make' },
            type: 'n8n-nodes-autoplay.intercomConversation',
            parameters: {
              ...{ ...shared, resource: 'offer', operation: 'make', observeOnly: false },
              ...{ manners: AT_ONCE, deliverAs: 'event', eventName: 'offered-help' },
              moment: `={{ (${JSON.stringify(moment)}) }}`,
            },
          },
        ],
        connections: { Remember: { main: [[{ node: 'Make', type: 'main', index: 0 }]] } },
      },
      {
        start: 'Remember',
        items: [
          {
            ...{ type: 'actions', product_id: 'shop', session_id: 's', user_id: '70' },
            actions: [{ type: 'pageview', title: 'Pricing', canonical_url: '/pricing' }],
          },
        ],
        credentials: {
          intercomConversationApi: { accessToken: 'token', region: 'custom', baseUrl },
        },
      },
    );
    expect(run.data.resultData.error).toBeUndefined();
    expect(simulator.events()).toMatchObject([
      { event_name: 'offered-help', metadata: { rule: 'Dwelling', page: '/pricing' } },
    ]);
    expect(simulator.visitorSees(id)).toEqual([]);
  } finally {
    await simulator.close();
  }
});
