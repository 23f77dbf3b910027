import type { IDataObject } from 'n8n-workflow';
import { startSimulators, type Simulators } from '../../simulators';
import { runWorkflow } from '../support/runWorkflow';
import { simulatedCredentials } from '../support/simulated';
import { plainText } from '../support/world';

// How notes are written, as the panel's fields say, with n8n's own engine.

let simulators: Simulators;
beforeAll(async () => {
  simulators = await startSimulators({ lively: false });
});
afterAll(() => simulators.stop());

const at = Date.UTC(2024, 0, 15, 12, 34, 50) / 1_000;
let sessions = 0;

/** Delivers one action into a new conversation with these parameters. */
async function deliver(parameters: IDataObject, settings: IDataObject = {}) {
  const { id } = simulators.intercom.visitorStarts({ external_id: '70', text: 'Hi' });
  const memory = { memoryScope: 'named', memoryName: 'formats' };
  const steps: IDataObject[] = [
    { type: 'autoplaySessionMemory', operation: 'remember' },
    { type: 'autoplaySessionMemory', operation: 'link', conversationId: id },
    {
      type: 'intercomConversation',
      ...{ resource: 'activity', operation: 'deliver' },
      ...parameters,
    },
  ];
  const nodes = steps.map(({ type, ...own }, i) => ({
    ...{ id: `n${i}`, name: `Step ${i}`, typeVersion: 1, position: [0, 0] as [number, number] },
    type: `n8n-nodes-autoplay.${type as string}`,
    parameters: { ...memory, ...own },
  }));
  const next = (node: string) => ({ main: [[{ node, type: 'main' as const, index: 0 }]] });
  const connections = { 'Step 0': next('Step 1'), 'Step 1': next('Step 2') };
  const done = await runWorkflow(
    { name: 'formats', nodes, connections, settings },
    {
      start: 'Step 0',
      items: [
        {
          ...{ type: 'actions', product_id: 'p', session_id: `s${++sessions}`, user_id: '70' },
          forwarded_at: Date.now() / 1_000,
          actions: [{ description: 'clicked Save', canonical_url: '/boards', timestamp_start: at }],
        },
      ],
      credentials: simulatedCredentials(simulators.urls),
    },
  );
  const notes = simulators.intercom
    .conversation(id)
    .parts.filter(({ part_type }) => part_type === 'note')
    .map(({ body }) => plainText(body ?? ''));
  return { error: done.data.resultData.error as Error | undefined, notes };
}

it('a saved node without the fields writes Autoplay’s form', async () => {
  const { error, notes } = await deliver({});
  expect(error).toBeUndefined();
  expect(notes).toEqual([
    expect.stringMatching(/^session_id: s\d+\n.* UTC\n\n\[1\] clicked Save$/),
  ]);
});

it('times are those of the zone in the node, or else of the workflow', async () => {
  const { notes: own } = await deliver({ noteFormat: 'readable', noteTimeZone: ' Asia/Kolkata ' });
  expect(own[0]).toMatch(/^\d\d:\d\d · clicked Save · \/boards\n\n.* UTC\+05:30$/);
  const { notes } = await deliver({ noteFormat: 'readable' }, { timezone: 'Pacific/Apia' });
  expect(notes[0]).toMatch(/ UTC\+13:00$/);
});

it('a template may come from an expression, and what it gives is text', async () => {
  const { notes } = await deliver({
    noteFormat: 'template',
    noteTemplate: '=<b>{{ $json.session_id }}</b> {user_id}:\n{actions}',
    noteTimeZone: 'UTC',
  });
  expect(notes[0]).toMatch(
    /^<b>s\d+<\/b> 70:\n\d\d:\d\d · clicked Save · \/boards\n\nsession_id: /,
  );
});

it.each([
  [
    { noteFormat: 'readable', noteTimeZone: 'Paris' },
    '"Time Zone" is "Paris", which is no time zone',
    /such as Europe\/Paris/,
  ],
  [
    { noteFormat: 'template', noteTemplate: 'Hello' },
    '"Template" cannot be used',
    /no \{actions\}/,
  ],
  [{ noteFormat: 'other' }, '"Note Format" is "other"', /./],
])(
  'what cannot be used is refused, and nothing is posted: %j',
  async (parameters, message, why) => {
    const { error, notes } = await deliver(parameters);
    expect(error).toMatchObject({
      message: expect.stringContaining(message),
      description: expect.stringMatching(why),
    });
    expect(notes).toEqual([]);
  },
);
