import type { IDataObject, WorkflowExecuteMode } from 'n8n-workflow';
import type { Released } from '../../../core/dispatcher/types';
import { releasedBy, releaseSessions } from '../../../nodes/shared/release';
import { listenToSteps } from '../../../nodes/shared/signals';
import packageJson from '../../../package.json';

interface Step {
  mode?: WorkflowExecuteMode;
  /** Types of the nodes before it. */
  before?: string[];
  sendResponse?: () => Promise<void>;
}

const ACTING: IDataObject[] = [
  { product_id: 'shop', session_id: 's1', actions: [{ action_id: 'a' }, { action_id: 'b' }] },
  { product_id: 'shop', session_id: 's2', actions: [{ action_id: 'c' }] },
  // Only names its session, as what is resumed does.
  { product_id: 'shop', session_id: 's3', actions: [] },
];
const RELEASED: Released[] = [
  { product_id: 'shop', session_id: 's1', action_id: 'b' },
  { product_id: 'shop', session_id: 's2', action_id: 'c' },
];
const STREAM = 'n8n-nodes-autoplay.autoplayStreamTrigger';

/** What a step that releases these sends as its execution's answers. */
async function answersOf(items: IDataObject[], step: Step = {}): Promise<unknown[]> {
  const { mode = 'trigger', before = [STREAM], sendResponse } = step;
  const answers: unknown[] = [];
  await releaseSessions({
    getInputData: () => items.map((json) => ({ json })),
    getMode: () => mode,
    getNode: () => ({ name: 'Deliver Activity' }) as never,
    getParentNodes: () => before.map((type) => ({ type }) as never),
    getWorkflow: () => ({ id: 'w' }) as never,
    sendResponse: sendResponse ?? (async (answer) => void answers.push(answer)),
  });
  return answers;
}

it('a trigger in the same process is called, and no answer is sent', async () => {
  const heard: Released[] = [];
  const others = {
    failed: () => {},
    leftForLater: () => {},
    lookAgainAt: () => {},
    problem: () => {},
  };
  const unlisten = listenToSteps('w', { ...others, release: (one) => void heard.push(one) });
  const answers = await answersOf(ACTING);
  unlisten();
  expect([heard, answers]).toEqual([RELEASED, []]);
});

it('a session is released although a step made numbers of its ids', async () => {
  const item = { product_id: 7, session_id: 42, actions: [{ action_id: 'a' }] };
  const [answer] = await answersOf([item]);
  expect(releasedBy(answer)).toEqual([{ product_id: '7', session_id: '42', action_id: 'a' }]);
});

it.each(
  packageJson.n8n.nodes
    .map((file) => file.split('/').at(-1)!.replace('.node.js', ''))
    .filter((name) => name.endsWith('Trigger'))
    .map((name) => name[0]!.toLowerCase() + name.slice(1)),
)('%s is one of the package’s triggers', async (name) => {
  expect(await answersOf(ACTING, { before: [`n8n-nodes-autoplay.${name}`] })).toHaveLength(1);
});

it('a trigger in another process gets the released sessions as the execution’s answer', async () => {
  const before = [
    'n8n-nodes-autoplay.autoplaySessionMemory',
    STREAM,
    'n8n-nodes-autoplay.intercomConversationTrigger',
  ];
  const answers = await answersOf(ACTING, { before });
  // As it comes out of n8n's queue.
  expect(answers.map((answer) => releasedBy(JSON.parse(JSON.stringify(answer))))).toEqual([
    RELEASED,
  ]);
});

it.each<[string, IDataObject[], Step]>([
  ['that a webhook started, and answers', ACTING, { mode: 'webhook' }],
  ['of the editor', ACTING, { mode: 'manual' }],
  [
    'that may have come from a trigger to which an answer means something else',
    ACTING,
    { before: [STREAM, 'n8n-nodes-base.rabbitmqTrigger'] },
  ],
  ['whose trigger is unknown', ACTING, { before: [] }],
  ['that releases nothing', ACTING.slice(2), {}],
])('no answer is sent in an execution %s', async (_, items, step) => {
  expect(await answersOf(items, step)).toEqual([]);
});

it('a step continues when the answer cannot be sent', async () => {
  const sendResponse = () => Promise.reject(new Error('Redis is away'));
  await expect(answersOf(ACTING, { sendResponse })).resolves.toEqual([]);
});
