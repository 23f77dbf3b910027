import type { INodeProperties } from 'n8n-workflow';
import { ACTIONS, DEFAULT_SUMMARY_PROMPT, templateFault } from '../../core/summary/prompt';
import { memoryFields } from '../shared/memory/fields';
import { notice, optionsField } from '../shared/operations/fields';
import { choiceField } from '../shared/operations/parameters';

/** How much of a session has to wait for a summary. */
export const threshold: INodeProperties = {
  displayName: 'Summarize After',
  name: 'threshold',
  type: 'number',
  typeOptions: { minValue: 1 },
  default: 20,
  description:
    'A session is summed up when this many of its actions are not in a summary yet. A lower number gives fresher summaries and costs more calls of the model.',
};

export const callsAtOnce: INodeProperties = {
  displayName: 'Calls at Once',
  name: 'callsAtOnce',
  type: 'number',
  typeOptions: { minValue: 1, maxValue: 50 },
  default: 10,
  description:
    'How many summaries the model may be asked for at the same time, by all executions that use the same server and key (or, for a connected chat model, this node). A local model answers one call after the other: set 1 for it.',
};

export const maxTokens: INodeProperties = {
  displayName: 'Longest Answer (Tokens)',
  name: 'maxTokens',
  type: 'number',
  typeOptions: { minValue: 16 },
  displayOptions: { show: { '/modelSource': ['openAi'] } },
  default: 256,
  description: "A longer answer is cut off. Empty: the model's own limit.",
};

export const temperature: INodeProperties = {
  displayName: 'Sampling Temperature',
  name: 'temperature',
  type: 'number',
  typeOptions: { minValue: 0, maxValue: 2, numberPrecision: 1 },
  displayOptions: { show: { '/modelSource': ['openAi'] } },
  default: 0.3,
  description:
    'Lower is more factual, higher is more varied. Left out if empty, and for models that have none, such as reasoning models.',
};

export const timeout: INodeProperties = {
  displayName: 'Timeout (Seconds)',
  name: 'timeout',
  type: 'number',
  typeOptions: { minValue: 1, maxValue: 600 },
  default: 60,
  description: 'How long one attempt may take. There are up to three.',
};

export const modelSource = choiceField({
  displayName: 'Model From',
  name: 'modelSource',
  type: 'options',
  noDataExpression: true,
  options: [
    {
      name: 'OpenAI or Compatible',
      value: 'openAi',
      description: 'With an OpenAI credential; its Base URL may be any compatible server',
    },
    {
      name: 'Connected Chat Model',
      value: 'connected',
      description: 'Any chat model node of n8n, connected below this one',
    },
  ],
  default: 'openAi',
});

export const model: INodeProperties = {
  displayName: 'Model',
  name: 'model',
  type: 'resourceLocator',
  displayOptions: { show: { modelSource: ['openAi'] } },
  default: { mode: 'list', value: 'gpt-4o-mini' },
  required: true,
  modes: [
    {
      displayName: 'From List',
      name: 'list',
      type: 'list',
      typeOptions: { searchListMethod: 'searchModels', searchable: true },
    },
    { displayName: 'ID', name: 'id', type: 'string', placeholder: 'e.g. gpt-4o-mini' },
  ],
  description: 'The model that writes the summary',
};

export const sessions = choiceField({
  displayName: 'Which Sessions',
  name: 'sessions',
  type: 'options',
  options: [
    {
      name: 'Linked Only',
      value: 'linked',
      description: 'Only sessions that belong to a conversation',
    },
    {
      name: 'All',
      value: 'all',
      description: 'Also visitors who never open a chat; each summary is a call of the model',
    },
  ],
  default: 'linked',
  description: 'Which sessions the model is asked to sum up',
});

export const prompt: INodeProperties = {
  displayName: 'Prompt',
  name: 'prompt',
  type: 'string',
  typeOptions: { rows: 14 },
  required: true,
  default: DEFAULT_SUMMARY_PROMPT,
  description:
    'What the model is asked. {actions} becomes the new actions and must be there; {previous_summary} becomes the summary so far. Other braces are plain text.',
};

/** Says in the panel what the step would fail with. Not for an expression, whose value the editor does not know. */
const promptNotice: INodeProperties = {
  ...notice(
    'promptNotice',
    `${templateFault('')} Until then the step fails, and the actions wait.`,
  ),
  displayOptions: {
    hide: { prompt: [{ _cnd: { includes: ACTIONS } }, { _cnd: { startsWith: '=' } }] },
  },
};

export const properties: INodeProperties[] = [
  modelSource,
  model,
  threshold,
  sessions,
  prompt,
  promptNotice,
  ...memoryFields,
  optionsField(callsAtOnce, maxTokens, temperature, timeout),
];
