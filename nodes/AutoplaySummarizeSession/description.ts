import type { INodeProperties } from 'n8n-workflow';
import { ACTIONS, DEFAULT_SUMMARY_PROMPT, templateFault } from '../../core/summary/prompt';
import { memoryFields } from '../shared/memory/fields';
import { notice, optionsField } from '../shared/operations/fields';
import { choiceField } from '../shared/operations/parameters';

/** How much of a session has to wait for a summary. */
export const threshold: INodeProperties = {
  displayName: 'Summarize After (Actions)',
  name: 'threshold',
  type: 'number',
  typeOptions: { minValue: 1 },
  default: 20,
  description:
    'How many new actions a session needs for a summary. A lower number gives fresher summaries and costs more model calls.',
};

export const callsAtOnce: INodeProperties = {
  displayName: 'Calls at Once',
  name: 'callsAtOnce',
  type: 'number',
  typeOptions: { minValue: 1, maxValue: 50 },
  default: 10,
  description:
    'The maximum number of parallel calls, by all executions with the same server and key (for a connected chat model, by this node). For a local model, set 1.',
};

export const maxTokens: INodeProperties = {
  displayName: 'Max Tokens',
  name: 'maxTokens',
  type: 'number',
  typeOptions: { minValue: 16 },
  displayOptions: { show: { '/modelSource': ['openAi'] } },
  default: 256,
  description: "The maximum length of the answer. If empty, the model's own limit applies.",
};

export const temperature: INodeProperties = {
  displayName: 'Sampling Temperature',
  name: 'temperature',
  type: 'number',
  typeOptions: { minValue: 0, maxValue: 2, numberPrecision: 1 },
  displayOptions: { show: { '/modelSource': ['openAi'] } },
  default: 0.3,
  description:
    'Lower is more factual, higher more varied. Not sent if empty, or to models without it, such as reasoning models.',
};

export const timeout: INodeProperties = {
  displayName: 'Timeout (Seconds)',
  name: 'timeout',
  type: 'number',
  typeOptions: { minValue: 1, maxValue: 600 },
  default: 60,
  description: 'The time limit of one attempt. There are up to three.',
};

export const waitAtMost: INodeProperties = {
  displayName: 'Max Wait (Seconds)',
  name: 'waitAtMost',
  type: 'number',
  typeOptions: { minValue: 1, maxValue: 600, numberPrecision: 1 },
  default: 4,
  description:
    'For a visitor who waits for an answer: after this time, or if the model fails, the item goes on with the summary so far, and a later execution writes the new one. Without this option, it waits.',
};

export const leaveOutMinutes: INodeProperties = {
  displayName: 'Leave Out Latest (Minutes)',
  name: 'leaveOutMinutes',
  type: 'number',
  typeOptions: { minValue: 0, numberPrecision: 1 },
  default: 2,
  description:
    'Skip the actions of the last minutes, 20 at most, because Recall lists them. Set it to the Time Window of Recall.',
};

export const modelSource = choiceField({
  displayName: 'Model Source',
  name: 'modelSource',
  type: 'options',
  noDataExpression: true,
  options: [
    {
      name: 'OpenAI or Compatible',
      value: 'openAi',
      description: 'An OpenAI credential, whose Base URL may be any compatible server',
    },
    {
      name: 'Connected Chat Model',
      value: 'connected',
      description: 'A chat model node connected below this one',
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
      description: 'Sessions with a conversation',
    },
    {
      name: 'All',
      value: 'all',
      description: 'Also visitors who never write. Each summary costs a model call.',
    },
  ],
  default: 'linked',
  description: 'Which sessions to summarize',
});

export const prompt: INodeProperties = {
  displayName: 'Prompt',
  name: 'prompt',
  type: 'string',
  typeOptions: { rows: 14 },
  required: true,
  default: DEFAULT_SUMMARY_PROMPT,
  description:
    'What to ask the model. {actions} is replaced with the new actions and required; {previous_summary} with the summary so far. Other braces are plain text.',
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
  optionsField(callsAtOnce, leaveOutMinutes, maxTokens, temperature, timeout, waitAtMost),
];
