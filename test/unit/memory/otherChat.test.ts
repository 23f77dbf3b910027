import {
  NodeHelpers,
  type IDataObject,
  type INode,
  type INodeParameters,
  type NodeOperationError,
} from 'n8n-workflow';
import { AutoplaySessionMemory } from '../../../nodes/AutoplaySessionMemory/AutoplaySessionMemory.node';
import { listenToSteps } from '../../../nodes/shared/signals';
import { createMemoryFlow } from '../../support/memoryNode';

// A chat product without a node of its own, whose notes other nodes post.

const frame = (said: string) => ({
  type: 'actions',
  product_id: 'shop',
  session_id: 's1',
  user_id: '70',
  forwarded_at: Date.now() / 1_000,
  actions: [{ type: 'click', description: said }],
});
const other = { chat: 'other', chatName: 'zendesk' };
const session = { product_id: 'shop', session_id: 's1' };

let run: ReturnType<typeof createMemoryFlow>;
beforeEach(() => void (run = createMemoryFlow()));

async function rememberAndLink(): Promise<void> {
  await run('remember', [frame('one')]);
  await run('link', [{ conversation_id: 'T-1', user_id: '70' }], other);
}

/** What the visitor did, as claimed. */
async function claimed(item: IDataObject = session): Promise<IDataObject> {
  const [toPost, nothing] = await run.outputsOf('claimActivity', [item], other);
  expect(nothing).toEqual([]);
  return toPost![0]!;
}

describe('the name of another chat product', () => {
  it('has the same spelling in every operation, and is the key of its links', async () => {
    await run('remember', [frame('one')]);
    const named = { chat: 'other', chatName: ' Zendesk ' };
    const [linked] = await run('link', [{ conversation_id: 'T-1', user_id: '70' }], named);
    expect(linked).toMatchObject({ link_status: 'linked', links: { zendesk: 'T-1' } });
    const [recalled] = await run('recall', [{ conversation_id: 'T-1' }], other);
    expect(recalled).toMatchObject({ known: true, links: { zendesk: 'T-1' } });
    // And is nothing to another.
    const [elsewhere] = await run('recall', [{ conversation_id: 'T-1' }], { chat: 'intercom' });
    expect(elsewhere).toMatchObject({ known: false });
    expect(await claimed()).toMatchObject({ conversation_id: 'T-1' });
  });

  const odd = ['help scout', 'help-scout', '1st', 'a.b', 'é', 'x'.repeat(41), '={{ 1 }}'];
  const good = ['zendesk', 'Help_Scout', 'a', ' zendesk ', 'x'.repeat(40)];

  it.each(['link', 'recall', 'claimActivity'] as const)(
    'has to be one, in %s',
    async (operation) => {
      const attempt = async (chatName: string) =>
        await run(operation, [{ conversation_id: 'T-1', ...session }], { chat: 'other', chatName });
      await expect(attempt(' ')).rejects.toThrow('The chat product has no name');
      for (const name of odd) {
        const error = (await attempt(name).catch((thrown) => thrown)) as NodeOperationError;
        expect(error.message).toBe(`“${name}” cannot be a chat product's name`);
        expect(error.description).toContain('Chat Product Name');
      }
      for (const name of good) await attempt(name);
    },
  );

  it('is a field of the panel only for Other, and an invalid name is refused', () => {
    const { description } = new AutoplaySessionMemory();
    const shown = (parameters: IDataObject) => {
      const node = { typeVersion: 1, parameters } as unknown as INode;
      return description.properties
        .filter((one) => NodeHelpers.displayParameter(node.parameters, one, node, description))
        .map(({ name }) => name);
    };
    for (const operation of ['link', 'recall', 'claimActivity']) {
      expect(shown({ operation, chat: 'crisp' })).not.toContain('chatName');
      const complains = (chatName: string) =>
        shown({ operation, chat: 'other', chatName }).includes('chatNameNotice');
      expect(shown({ operation, chat: 'other', chatName: '' })).toContain('chatName');
      // One that is empty is missing, which n8n says of every required field.
      expect(['', ...good].filter(complains)).toEqual([]);
      const written = odd.filter((name) => !name.startsWith('='));
      expect(written.filter(complains)).toEqual(written);
    }
  });
});

describe('Claim Activity', () => {
  it('returns items with a note to post by the first output, and the rest by the second', async () => {
    await rememberAndLink();
    const stranger = { product_id: 'shop', session_id: 's2', kept: true };
    const [toPost, nothing] = await run.outputsOf('claimActivity', [session, stranger, {}], other);
    expect(toPost).toEqual([
      {
        ...session,
        claim_status: 'claimed',
        conversation_id: 'T-1',
        claim: expect.any(String),
        activity_note: {
          text: expect.stringMatching(/^session_id: s1\n[^]*\n\[1\] one$/),
          actions: 1,
          tried_before: false,
        },
      },
    ]);
    expect(nothing).toEqual([
      { ...stranger, claim_status: 'not_linked' },
      { claim_status: 'not_linked' },
    ]);
  });

  it('does not link a conversation that only the stream names, because its chat product is unknown', async () => {
    await run('remember', [{ ...frame('one'), conversation_id: '42' }]);
    const [, nothing] = await run.outputsOf('claimActivity', [session], other);
    expect(nothing).toMatchObject([{ claim_status: 'not_linked' }]);
    const [toPost] = await run.outputsOf('claimActivity', [session], { chat: 'intercom' });
    expect(toPost).toMatchObject([{ conversation_id: '42' }]);
  });
});

describe('the outcome of a claimed note', () => {
  it('Mark as Delivered returns the session and the note, and keeps the fields of the item', async () => {
    await rememberAndLink();
    const { claim } = await claimed();
    const [out] = await run('markDelivered', [{ id: 17, created: true }], { claim });
    expect(out).toEqual({
      id: 17,
      created: true,
      ...session,
      links: { zendesk: 'T-1' },
      conversation_id: 'T-1',
      notes: [{ note_id: '17', actions: 1 }],
    });
    const [, nothing] = await run.outputsOf('claimActivity', [session], other);
    expect(nothing).toMatchObject([{ claim_status: 'nothing', conversation_id: 'T-1' }]);
    expect(run.hints).toEqual([]);
    const [again] = await run('markDelivered', [{ id: 17 }], { claim });
    expect(again).toEqual({ id: 17, notes: [] });
    expect(run.hints).toEqual([expect.stringContaining('not known any more')]);
  });

  it('Claim Activity waits while the conversation is closed, and the execution says why', async () => {
    await rememberAndLink();
    const conversation = { conversation_id: 'T-1' };
    await run('link', [conversation], { ...other, event: 'closed' });
    const follow = { ...other, pace: 'follow' };
    const [toPost, nothing] = await run.outputsOf('claimActivity', [session], follow);
    expect(toPost).toEqual([]);
    expect(nothing).toMatchObject([
      { claim_status: 'paused', paused: 'closed', paused_until: null, ...conversation },
    ]);
    expect(run.hints).toEqual([expect.stringContaining('the conversation is closed')]);
    await run('link', [{ ...conversation, ...session }], other);
    const [again] = await run.outputsOf('claimActivity', [session], follow);
    expect(again).toMatchObject([{ claim_status: 'claimed' }]);
  });

  it.each([
    ['refuses', { status: 422, message: 'refused' }, ['one', 'two'], false],
    ['cannot be reached', { code: 'ECONNREFUSED' }, ['one', 'two'], false],
    ['says nothing in time', { code: 'ECONNABORTED' }, null, null],
  ])('Mark as Not Delivered, where the product %s', async (_, error, lines, triedBefore) => {
    await rememberAndLink();
    const { claim } = await claimed();
    await run('remember', [frame('two')]);
    const failures: string[] = [];
    const end = listenToSteps(run.workflowId, {
      failed: () => void failures.push('failed'),
      leftForLater: () => {},
      lookAgainAt: () => {},
      problem: () => {},
      release: () => {},
    });
    const [out] = await run('markNotDelivered', [{ claim, error }], { claim });
    end();
    expect(out).toEqual({ claim, error, ...session, conversation_id: 'T-1' });
    expect(failures).toEqual(['failed']);
    if (lines === null) return;
    const note = (await claimed()).activity_note as IDataObject;
    expect(note).toMatchObject({ actions: lines.length, tried_before: triedBefore });
  });

  it('Mark as Not Delivered ends the link of a conversation that is gone', async () => {
    await rememberAndLink();
    const { claim } = await claimed();
    const [out] = await run('markNotDelivered', [{}], { claim, outcome: 'gone' });
    expect(out).toEqual({ ...session, conversation_id: null, link_ended: 'T-1' });
    expect(run.hints).toEqual([expect.stringContaining('not linked any more')]);
    const [, nothing] = await run.outputsOf('claimActivity', [session], other);
    expect(nothing).toMatchObject([{ claim_status: 'not_linked' }]);
  });

  it.each(['markDelivered', 'markNotDelivered'] as const)(
    '%s says what to do about an item without a claim',
    async (operation) => {
      for (const claim of ['', undefined, 'T-1']) {
        const marking = run(operation, [{ id: 1 }], { claim: claim ?? '={{ $json.claim }}' });
        const error = (await marking.catch((thrown) => thrown)) as NodeOperationError;
        expect(error.message).toBe('This item names no claim');
        expect(error.description).toContain("{{ $('Claim activity').item.json.claim }}");
      }
    },
  );
});

it('a workflow resumes only sessions of a shared memory that it has a step for', async () => {
  const both = { memoryScope: 'named', memoryName: 'both' };
  await run('remember', [frame('one')], both);
  await run('link', [{ conversation_id: 'T-1', user_id: '70' }], { ...both, ...other });
  const step = (type: string, parameters: INodeParameters) => {
    const node = { name: type, type: `n8n-nodes-autoplay.${type}`, typeVersion: 1 };
    return [{ ...node, disabled: false, parameters }];
  };
  const wakeUp = async (memory: IDataObject, steps: ReturnType<typeof step>) => {
    const item = { type: 'wake_up', product_id: 'shop' };
    const [out] = await run.outputsOf('remember', [item], memory, { steps });
    return out!.map(({ session_id }) => session_id);
  };
  const intercom = step('intercomConversation', { resource: 'activity' });
  expect(await wakeUp(both, intercom)).toEqual([]);
  const zendesk = step('autoplaySessionMemory', { operation: 'claimActivity', ...other });
  expect(await wakeUp(both, zendesk)).toEqual(['s1']);
  // A memory of its own has nobody else to do it.
  await rememberAndLink();
  expect(await wakeUp({}, intercom)).toEqual(['s1']);
});
