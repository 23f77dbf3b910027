import type { NodeTypeAndVersion } from 'n8n-workflow';
import { deliversInto, workAfter } from '../../../nodes/shared/steps';

const step = (
  type: string,
  parameters: NodeTypeAndVersion['parameters'] = {},
  disabled = false,
): NodeTypeAndVersion => ({ name: type, type, typeVersion: 1, disabled, parameters });
const ours = (type: string, parameters?: NodeTypeAndVersion['parameters'], disabled?: boolean) =>
  step(`n8n-nodes-autoplay.${type}`, parameters, disabled);
const work = (...steps: NodeTypeAndVersion[]) =>
  workAfter({ getChildNodes: () => steps }, 'Remember');

it.each([
  ['Deliver Activity', ours('intercomConversation'), { chats: ['intercom'], summaries: false }],
  [
    'Crisp’s Deliver Activity',
    ours('crispConversation', { resource: 'activity' }),
    { chats: ['crisp'], summaries: false },
  ],
  [
    'Claim Activity',
    ours('autoplaySessionMemory', { operation: 'claimActivity', chat: 'other', chatName: ' Desk' }),
    { chats: ['desk'], summaries: false },
  ],
  ['Summarize', ours('autoplaySummarizeSession'), { chats: [], summaries: true }],
])('%s is given the work that it does', (_, one, expected) => {
  expect(work(one)).toEqual(expected);
});

it('the work of several steps is added up', () => {
  const steps = [
    ours('intercomConversation', { resource: 'activity' }),
    ours('autoplaySummarizeSession'),
    ours('intercomConversation', { resource: 'activity', operation: 'replaceWithSummary' }),
    ours('crispConversation', { resource: 'activity' }, true),
  ];
  expect(work(...steps)).toEqual({ chats: ['intercom'], summaries: true });
});

it.each([
  ['no step of ours', [step('n8n-nodes-base.httpRequest')]],
  ['what only answers a visitor', [ours('crispConversation')]],
  ['another workflow', [ours('intercomConversation'), step('n8n-nodes-base.executeWorkflow')]],
  [
    'a chat product by expression',
    [ours('autoplaySessionMemory', { operation: 'claimActivity', chat: '={{ $json.chat }}' })],
  ],
])('all work is given if what follows is %s', (_, steps) => {
  expect(work(...steps)).toBeUndefined();
});

it('work is limited to a workspace once the workflow has delivered into it', () => {
  const steps = [ours('intercomConversation'), ours('crispConversation', { resource: 'activity' })];
  const chatsOf = (workflow: string) =>
    workAfter({ getChildNodes: () => steps }, 'Remember', workflow)?.chats;
  deliversInto('a', 'intercom');
  expect(chatsOf('a')).toEqual(['intercom', 'crisp']);
  deliversInto('a', 'intercom:ours');
  expect(chatsOf('a')).toEqual(['intercom:ours', 'crisp']);
  expect(chatsOf('b')).toEqual(['intercom', 'crisp']);
});
