import {
  NodeConnectionTypes,
  type IExecuteFunctions,
  type INodeExecutionData,
  type INodeType,
  type INodeTypeDescription,
} from 'n8n-workflow';
import { memoryCredential, STORAGE_VERSIONS } from '../shared/memory/fields';
import { getMemories } from '../shared/memory/names';
import { runItems } from '../shared/operations/run';
import { properties } from './description';
import { searchModels } from './listSearch';
import { summarize } from './summarize';

/** Asks a language model for a rolling summary once a session has gathered enough actions. */
export class AutoplaySummarizeSession implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Autoplay Summarize Session',
    name: 'autoplaySummarizeSession',
    icon: { light: 'file:summarize.svg', dark: 'file:summarize.dark.svg' },
    group: ['transform'],
    // 1.1: it asks for the credential of the memory only if that is wanted.
    version: STORAGE_VERSIONS,
    subtitle:
      '={{ "after " + $parameter.threshold + ($parameter.threshold === 1 ? " action" : " actions") }}',
    description: 'Summarize what a visitor did with a language model, once enough has happened',
    defaults: { name: 'Autoplay Summarize Session' },
    usableAsTool: true,
    inputs: `={{ $parameter.modelSource === 'connected' ? ['main', { type: 'ai_languageModel', displayName: 'Chat Model', required: true, maxConnections: 1 }] : ['main'] }}`,
    outputs: [NodeConnectionTypes.Main],
    credentials: [
      {
        name: 'openAiApi',
        required: true,
        displayOptions: { show: { modelSource: ['openAi'] } },
      },
      memoryCredential,
    ],
    properties,
  };

  methods = { listSearch: { searchModels }, loadOptions: { getMemories } };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    return await runItems(this, summarize);
  }
}
