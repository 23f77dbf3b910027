import type { IDataObject } from 'n8n-workflow';
import { createMemoryFlow } from '../../support/memoryNode';

const frame = (session_id: string, tenant: string | undefined, said: string) => ({
  type: 'actions',
  product_id: 'shop',
  session_id,
  user_id: '70',
  ...(tenant && { tenant }),
  actions: [{ type: 'click', description: said, canonical_url: '/a' }],
});
const byTenant = { memoryScope: 'named', memoryName: '={{ $json.tenant }}' };

describe('a memory name by expression', () => {
  const run = createMemoryFlow();
  const activityOf = async (tenant: string, fields: IDataObject = {}) => {
    const [out] = await run('recall', [{ tenant, session_id: 's', ...fields }], byTenant);
    return String(out!.activity);
  };

  it('is evaluated for each item', async () => {
    const items = [frame('s', 'a', 'in a'), frame('s', 'b', 'in b'), frame('s', 'a', 'more in a')];
    const out = await run('remember', items, byTenant);
    expect(out.map(({ session_id, added }) => [session_id, added])).toEqual([
      ['s', 1],
      ['s', 1],
      ['s', 1],
    ]);
    expect(await activityOf('a')).toMatch(/2 actions[^]*in a[^]*more in a/);
    expect(await activityOf('b')).toMatch(/1 actions[^]*in b/);
    expect(await activityOf('c')).toBe('');

    const messages = [
      { tenant: 'b', conversation_id: 'B', user_id: '70' },
      { tenant: 'c', conversation_id: 'C', user_id: '70' },
    ];
    const linked = await run('link', messages, byTenant);
    expect(linked.map(({ link_status }) => link_status)).toEqual(['linked', 'waiting']);

    const claimed = await run.outputsOf(
      'claimActivity',
      [{ tenant: 'b', session_id: 's', product_id: 'shop' }],
      byTenant,
    );
    expect(claimed[0]).toMatchObject([{ conversation_id: 'B' }]);
    const { claim } = claimed[0]![0]!;
    const [elsewhere] = await run('markDelivered', [{ tenant: 'a', claim }], {
      ...byTenant,
      claim,
    });
    expect(elsewhere).toMatchObject({ notes: [] });

    const forget = { ...byTenant, forgetBy: 'user_id', forgetValue: '70', onlyThisMemory: true };
    const [forgotten] = await run('forget', [{ tenant: 'b' }], forget);
    expect(forgotten).toMatchObject({ forgotten: { sessions: 1 } });
    expect(await activityOf('a')).toContain('in a');
  });

  it('fails only the item that has none', async () => {
    const items = [frame('t', undefined, 'nowhere'), frame('t', 'd', 'in d')];
    await expect(run('remember', items, byTenant)).rejects.toThrow('The memory has no name');
    expect(await activityOf('d', { session_id: 't' })).toContain('in d');
  });
});

describe('placeholders in the parameters', () => {
  const run = createMemoryFlow();
  const nobody = { session_id: 'undefined', user_id: 'null', email: '[object Object]' };

  it('name no person to link, recall or forget', async () => {
    await run('remember', [frame('s', undefined, 'in s')]);
    const [linked] = await run('link', [{ conversation_id: '42', ...nobody }]);
    expect(linked).toMatchObject({ link_status: 'waiting' });
    expect(await run('recall', [nobody])).toMatchObject([{ known: false }]);
    const several = { forgetBy: 'several', onlyThisMemory: false };
    await expect(run('forget', [nobody], several)).rejects.toThrow(
      'This item names no person or session to forget',
    );
  });

  it('name no conversation', async () => {
    const items = [{ conversation_id: 'undefined', session_id: 's' }];
    await expect(run('link', items)).rejects.toThrow('This item names no conversation');
  });
});
