import type { IDataObject } from 'n8n-workflow';
import { createIntercomSimulator, type IntercomSimulator } from '../../simulators/intercom';
import { runWorkflow } from '../support/runWorkflow';

// Two workspaces of Intercom in one memory, with n8n's own engine. Their conversations have the same ids, and no token
// has been used before, so that nothing is known yet of the workspace it opens.

interface Workspace {
  id: string;
  simulator: IntercomSimulator;
  credential: Record<string, string>;
  /** The conversation of the visitor. */
  conversation: string;
}

let memories = 0;
let memoryName: string;
let ours: Workspace;
let theirs: Workspace;
beforeEach(async () => {
  memoryName = `workspaces ${++memories}`;
  [ours, theirs] = (await Promise.all(
    ['ours', 'theirs'].map((id) => open(`${id}${memories}`)),
  )) as [Workspace, Workspace];
  expect(ours.conversation).toBe(theirs.conversation);
});
afterEach(() => Promise.all([ours, theirs].map(({ simulator }) => simulator.close())));

async function open(id: string): Promise<Workspace> {
  const accessToken = `token-of-${id}`;
  const simulator = createIntercomSimulator({ accessToken, workspace: { id, name: id } });
  const { url } = await simulator.listen();
  const conversation = simulator.visitorStarts({ external_id: '70', text: 'Hi' }).id;
  const credential = { accessToken, region: 'custom', baseUrl: url };
  return { id, simulator, credential, conversation };
}

/** Runs one step with a workspace's token; the items of each of its outputs. */
async function step(
  { id, credential }: Workspace,
  type: string,
  parameters: object,
  item: IDataObject,
): Promise<IDataObject[][]> {
  const shared = { memoryScope: 'named', memoryName };
  const node = { id: 'a1', name: 'Step', typeVersion: 1, position: [0, 0] as [number, number] };
  const run = await runWorkflow(
    {
      name: `workflow of ${id}`,
      nodes: [
        { ...node, type: `n8n-nodes-autoplay.${type}`, parameters: { ...shared, ...parameters } },
      ],
      connections: {},
    },
    { start: 'Step', items: [item], credentials: { intercomConversationApi: credential } },
  );
  const { error, runData } = run.data.resultData;
  if (error) throw error;
  return (runData.Step?.[0]?.data?.main ?? []).map((items) =>
    (items ?? []).map(({ json }) => json),
  );
}

const SESSION = { type: 'actions', product_id: 'shop', session_id: 's', user_id: '70' };
let actions = 0;
const remember = async (...descriptions: string[]) =>
  await step(
    ours,
    'autoplaySessionMemory',
    { operation: 'remember' },
    {
      ...SESSION,
      forwarded_at: ++actions,
      actions: descriptions.map((description) => ({ description })),
    },
  );
/** The connector sums up all that was remembered. */
const sumUp = async (summary: string) =>
  await step(
    ours,
    'autoplaySessionMemory',
    { operation: 'remember' },
    {
      ...{ ...SESSION, forwarded_at: ++actions, actions: [] },
      summaries: [{ summary, forwarded_at: actions }],
    },
  );
const link = async (workspace: Workspace, user_id = '70') =>
  await step(
    workspace,
    'autoplaySessionMemory',
    { operation: 'link' },
    {
      conversation_id: workspace.conversation,
      user_id,
      workspace_id: workspace.id,
    },
  );
const deliver = async (workspace: Workspace) => {
  const operation = { resource: 'activity', operation: 'deliver' };
  return await step(workspace, 'intercomConversation', operation, SESSION);
};
const replace = async (workspace: Workspace) => {
  const operation = { resource: 'activity', operation: 'replaceWithSummary' };
  const [items] = await step(workspace, 'intercomConversation', operation, {
    ...SESSION,
    resumed: true,
  });
  return items![0]!;
};
const notesIn = ({ simulator, conversation }: Workspace) =>
  simulator
    .conversation(conversation)
    .parts.map(({ body, redacted }) =>
      redacted
        ? 'redacted'
        : (body ?? '').replace(/<[^>]*>/g, '').replace(/^.*UTC\s*|\[\d+\] /gs, ''),
    );

it('a session that is linked in both workspaces gets its notes in both conversations', async () => {
  await remember('one');
  await link(theirs);
  await link(ours);
  await deliver(ours);
  expect([notesIn(ours), notesIn(theirs)]).toEqual([['one'], []]);
  await deliver(theirs);
  await remember('two');
  await deliver(ours);
  expect([notesIn(ours), notesIn(theirs)]).toEqual([['one', 'two'], ['one']]);
});

it('a session that is linked in the other workspace gets no note here, and keeps its link there', async () => {
  await remember('one');
  await link(theirs);
  const [delivered, notLinked] = await deliver(ours);
  expect([delivered, notLinked]).toEqual([[], [expect.objectContaining(SESSION)]]);
  await deliver(theirs);
  expect([notesIn(ours), notesIn(theirs)]).toEqual([[], ['one']]);
});

it('a summary stays in its workspace, and so do the notes it replaces', async () => {
  await remember('one');
  await link(theirs);
  await deliver(theirs);
  await sumUp('They looked around.');
  expect(await replace(ours)).not.toHaveProperty('redacted');
  theirs.simulator.faults.add({
    match: { path: /redact$/ },
    times: Infinity,
    effect: { kind: 'status', status: 403 },
  });
  await expect(replace(theirs)).rejects.toMatchObject({ httpCode: '403' });
  theirs.simulator.faults.clear();
  // What is left is a redaction.
  expect(await replace(ours)).not.toHaveProperty('redacted');
  expect([notesIn(ours), notesIn(theirs)]).toEqual([[], ['one', 'They looked around.']]);
  expect(await replace(theirs)).toMatchObject({ redacted: 1 });
  expect(notesIn(theirs)).toEqual(['redacted', 'They looked around.']);
});

it('a visitor learns nothing of the visitor whose conversation has the same id in the other workspace', async () => {
  await remember('one');
  await link(theirs);
  await link(ours, 'somebody else');
  const recall = async ({ id, conversation }: Workspace) => {
    const item = { conversation_id: conversation, workspace_id: id };
    const [items] = await step(ours, 'autoplaySessionMemory', { operation: 'recall' }, item);
    return items![0]!.known;
  };
  expect([await recall(theirs), await recall(ours)]).toEqual([true, false]);
});
