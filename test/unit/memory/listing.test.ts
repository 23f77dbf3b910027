import type { ILoadOptionsFunctions } from 'n8n-workflow';
import { getMemories } from '../../../nodes/shared/memory/names';
import { createMemoryFlow } from '../../support/memoryNode';

// Seeing what is remembered, with the nodes.

const actions = (...said: string[]) =>
  said.map((description) => ({ type: 'click', description, canonical_url: '/boards' }));
const acts = (session_id: string, said: string[], fields = {}) => ({
  type: 'actions',
  product_id: 'shop',
  session_id,
  actions: actions(...said),
  ...fields,
});

const filled = async () => {
  const flow = createMemoryFlow();
  await flow('remember', [acts('s1', ['opened', 'clicked'], { user_id: 'u1', email: 'a@x.com' })]);
  await flow('remember', [acts('s2', ['came'])]);
  await flow('link', [{ conversation_id: 'c1', session_id: 's1' }], { chat: 'crisp' });
  return flow;
};

describe('List Sessions', () => {
  it('gives one item for each, the latest activity first', async () => {
    const flow = await filled();
    const out = await flow('listSessions', [{ came: 'in' }]);
    expect(out.map(({ session_id }) => session_id)).toEqual(['s2', 's1']);
    expect(out[1]).toEqual({
      product_id: 'shop',
      session_id: 's1',
      user_id: 'u1',
      email: 'a@x.com',
      links: { crisp: 'c1' },
      last_seen_at: expect.stringMatching(/^\d{4}-.*Z$/),
      last_action: 'clicked',
      last_page: '/boards',
      action_count: 2,
      actions_since_summary: 2,
      actions_to_deliver: 2,
    });
    const ids = async (parameters: object) =>
      (await flow('listSessions', [{}], parameters as never)).map(({ session_id }) => session_id);
    expect(await ids({ listed: 'linked' })).toEqual(['s1']);
    expect(await ids({ listed: 'waiting' })).toEqual(['s1']);
    expect(await ids({ filterText: 'A@X' })).toEqual(['s1']);
    expect(await ids({ limit: 1 })).toEqual(['s2']);
  });

  it('answers a model once with all, as data', async () => {
    const flow = await filled();
    const [[answer] = []] = await flow.outputsOf(
      'listSessions',
      [{ query: 'who?' }],
      {},
      {
        asTool: true,
      },
    );
    expect(answer?.sessions).toMatchObject([{ session_id: 's2' }, { session_id: 's1' }]);
    expect(answer?.note).toMatch(/no instructions/);
    expect(answer).not.toHaveProperty('query');
  });
});

it('Status counts what the memory contains', async () => {
  const flow = await filled();
  const [out] = await flow('status', [{ came: 'in' }]);
  expect(out).toMatchObject({
    came: 'in',
    memory: `workflow:${flow.workflowId}`,
    sessions: 2,
    actions: 3,
    links: 1,
    waiting_links: 0,
    storage_bytes: expect.any(Number),
  });
  expect(out?.memories).toContain(`workflow:${flow.workflowId}`);
});

describe('a Recall that finds nothing', () => {
  it('says that the memory is empty, and which others are not', async () => {
    const other = await filled();
    const flow = createMemoryFlow();
    await flow('recall', [{ email: 'a@x.com' }, { email: 'b@x.com' }]);
    expect(flow.hints).toHaveLength(1);
    expect(flow.hints[0]).toMatch(/^This workflow's memory holds no sessions\. These hold some: /);
    const found = await flow('recall', [{ email: 'a@x.com' }], {
      memoryScope: 'chosen',
      memoryChosen: `workflow:${other.workflowId}`,
    });
    expect(found[0]).toMatchObject({ known: true, session_id: 's1' });
    expect(flow.hints).toHaveLength(1);
  });

  it('says of a shared memory that it is empty by its name', async () => {
    const flow = createMemoryFlow();
    await flow('recall', [{ email: 'a@x.com' }], { memoryScope: 'named', memoryName: 'mistyped' });
    expect(flow.hints[0]).toMatch(/^The memory “mistyped” \(shared by name\) holds no sessions\./);
  });

  it('says so where the memory holds sessions of others', async () => {
    const flow = await filled();
    await flow('recall', [{ email: 'nobody@x.com' }]);
    expect(flow.hints).toEqual([expect.stringMatching(/^Nothing is remembered.* holds other/)]);
  });

  it('adds nothing where an AI Agent asks: its model learns that nothing is known', async () => {
    const flow = createMemoryFlow();
    await flow.outputsOf('recall', [{ email: 'a@x.com' }], {}, { asTool: true });
    expect(flow.hints).toEqual([]);
  });
});

describe('a memory from the list', () => {
  it('is one that holds sessions, by the name of its workflow', async () => {
    const flow = await filled();
    const context = { getNode: () => ({ name: 'Recall', ...flow.credentials }) };
    const options = await getMemories.call({
      ...context,
      getCredentials: flow.getCredentials,
    } as unknown as ILoadOptionsFunctions);
    const own = options.find(({ value }) => value === `workflow:${flow.workflowId}`);
    expect(own).toMatchObject({
      name: expect.stringContaining(flow.workflowId),
      description: expect.stringMatching(/^Last activity: \d{4}/),
    });
  });

  it.each(['', 'support', 'name:'])('has to be one of those: %j', async (memoryChosen) => {
    const flow = createMemoryFlow();
    const run = flow('status', [{}], { memoryScope: 'chosen', memoryChosen });
    await expect(run).rejects.toThrow('No memory is chosen');
  });
});
