import type { IDataObject } from 'n8n-workflow';
import { createMemoryFlow, panel } from '../../support/memoryNode';
import { offered, offerRequest } from '../../support/offers';

let run: ReturnType<typeof createMemoryFlow>;
beforeEach(() => void (run = createMemoryFlow()));

const frame = (session_id: string) => ({
  ...{ type: 'actions', product_id: 'shop', session_id, forwarded_at: 1, user_id: session_id },
  actions: [{ type: 'click', description: 'looked', canonical_url: '/plans' }],
});

/** An offer in the conversation of a session's name, as Make Offer makes it. */
async function makeOffer(session_id = 's1'): Promise<string> {
  await run('remember', [frame(session_id)]);
  const { storage, name } = await run.memory();
  const session = { memory: name, product_id: 'shop', session_id };
  const request = offerRequest(Date.now(), { session });
  const sent = { conversation_id: `c ${session_id}`, message_ref: `m ${session_id}` };
  const { offer_id } = await offered(storage, request, sent);
  return offer_id;
}

/** What a chat trigger brings. */
const event = (fields: IDataObject) => ({
  conversation_id: 'c s1',
  fingerprint: 7,
  text: '',
  ...fields,
});
const record = async (item: IDataObject, chat = 'crisp') => {
  const outputs = await run.outputsOf('recordChoice', [item], { chat });
  const [accepted = [], dismissed = [], replied = [], noOffer = []] = outputs;
  const found = Object.entries({ accepted, dismissed, replied, noOffer }).flatMap(
    ([output, items]) => items.map((json) => ({ output, json })),
  );
  expect(found.length).toBeLessThanOrEqual(1);
  return found[0];
};

describe('Record Choice', () => {
  it('passes on who accepted, with the offer and the choice, and knows the same press again', async () => {
    const offer_id = await makeOffer();
    const press = event({
      offer_message_id: 'm s1',
      choice: { value: 'tour', label: 'Take the tour' },
    });
    const json = {
      ...{ offer_id, rule: 'stuck', page: '/plans', outcome: 'accepted', repeated: false },
      ...{ product_id: 'shop', session_id: 's1', conversation_id: 'c s1' },
      choice: { value: 'tour', label: 'Take the tour', kind: 'tour', url: '/plans?tour=1' },
    };
    expect(await record(press)).toEqual({ output: 'accepted', json: { ...press, ...json } });
    expect(await record(press)).toMatchObject({ json: { outcome: 'accepted', repeated: true } });
    // Another choice of the same offer starts nothing.
    const other = event({ offer_message_id: 'm s1', choice: { value: 'no', label: 'No, thanks' } });
    expect(await record(other)).toBeUndefined();
  });

  it.each([
    ['dismissed', { choice: { value: 'no', label: 'No, thanks' } }, 'no'],
    ['dismissed', { text: 'no thanks' }, undefined],
    ['replied', { text: 'What is it?' }, undefined],
  ])('passes on who %s it, by %j', async (outcome, said, value) => {
    await makeOffer();
    const found = await record(event(said));
    expect(found).toMatchObject({ output: outcome, json: { outcome, session_id: 's1' } });
    expect((found?.json.choice as IDataObject | null)?.value).toBe(value);
  });

  it('passes on a message in a conversation without an offer as it came', async () => {
    const message = event({ text: 'Hello' });
    const json = { ...message, outcome: 'no_offer' };
    expect(await record(message)).toEqual({ output: 'noOffer', json });
  });

  it('ends with an offer that was only read', async () => {
    await makeOffer();
    const read = event({ offer_message_id: 'm s1', seen: true });
    expect(await record(read)).toBeUndefined();
    expect(await record({ ...read, conversation_id: 'c other' })).toBeUndefined();
    const [report] = await run('reportOffers', [{}]);
    expect(report).toMatchObject({ sent: 1, seen: 1 });
  });

  it('knows the same message again by Intercom’s id, and takes HTML for its words', async () => {
    await run('remember', [frame('s1')]);
    const { storage, name } = await run.memory();
    const session = { memory: name, product_id: 'shop', session_id: 's1' };
    const request = offerRequest(Date.now(), { session, chat: 'intercom:app1' });
    await offered(storage, request, { conversation_id: '613', message_ref: '134' });
    const item = {
      ...{ conversation_id: '613', text: '<p>What for?</p>', notification_id: 'notif_1' },
      workspace_id: 'app1',
    };
    expect(await record(item, 'intercom')).toMatchObject({ output: 'replied' });
    expect(await record(item, 'intercom')).toMatchObject({
      ...{ output: 'replied', json: { repeated: true } },
    });
    const next = { ...item, notification_id: 'notif_2' };
    expect(await record(next, 'intercom')).toMatchObject({ output: 'noOffer' });
  });

  it('refuses an item that names no conversation', async () => {
    await expect(record({ text: 'Hello' })).rejects.toThrow('names no conversation');
  });

  it('asks for the conversation first, then for what the visitor did', () => {
    expect(panel('recordChoice').map(({ name }) => name)).toEqual([
      ...['chat', 'chatName', 'chatNameNotice', 'conversationId'],
      ...['choiceValue', 'replyText', 'offerMessageId', 'replyId', 'seen'],
    ]);
  });
});

describe('Report Offers', () => {
  it('gives one item for each rule and page, with counts, shares, effect and advice', async () => {
    await makeOffer('s1');
    await makeOffer('s2');
    await record(event({ choice: { value: 'show' } }));
    const [report, ...others] = await run('reportOffers', [{ other: 'field' }], { days: 7 });
    expect(others).toEqual([]);
    expect(report).toMatchObject({
      ...{ product_id: 'shop', rule: 'stuck', rule_version: '1', page: '/plans', chat: 'crisp' },
      decisions: { treated: 2, holdout: 0 },
      ...{ sent: 2, settled: 1, outcomes: { accepted: 1, open: 1 }, held_back: {} },
      acceptance: { rate: 0.1818 },
      effect: { status: 'no_goal', difference: null },
      suggestion: null,
    });
    const since = Date.parse(String(report!.since));
    expect(Math.abs(Date.now() - 7 * 86_400_000 - since)).toBeLessThan(60_000);
    expect(run.hints).toEqual([]);
  });

  it('can be limited to a product', async () => {
    await makeOffer();
    const options = { productId: 'blog' };
    expect(await run('reportOffers', [{}], { options })).toEqual([]);
    expect(await run('reportOffers', [{}], { options: { productId: 'shop' } })).toHaveLength(1);
  });

  it('says where there is nothing to report, and answers a model in one piece', async () => {
    await run('remember', [frame('s1')]);
    expect(await run('reportOffers', [{}])).toEqual([]);
    expect(run.hints).toEqual([expect.stringContaining('No offer was decided upon in this time.')]);
    await makeOffer();
    const [answer] = await run('reportOffers', [{}], {}, { asTool: true });
    expect(answer?.offers).toMatchObject([{ rule: 'stuck', sent: 1 }]);
  });
});
