import {
  NodeConnectionTypes,
  NodeOperationError,
  type IDataObject,
  type IExecuteFunctions,
  type INodeExecutionData,
  type INodeType,
  type INodeTypeDescription,
} from 'n8n-workflow';
import { systemClock } from '../../core/clock';
import { templateFault } from '../../core/summary/prompt';
import { summarizeSession, type SummaryOutcome } from '../../core/summary/summarize';
import { eachItem, sessionOf } from '../shared/items';
import { memoryCredential, openMemory } from '../shared/memory';
import { releaseSessions } from '../shared/release';
import { properties } from './description';
import { searchModels } from './listSearch';
import { modelFor } from './model';

const KEPT = 'Nothing is lost: the actions wait for the next summary.';

/** Asks a language model for a rolling summary once a session has gathered enough actions. */
export class AutoplaySummarizeSession implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Autoplay Summarize Session',
    name: 'autoplaySummarizeSession',
    icon: { light: 'file:summarize.svg', dark: 'file:summarize.dark.svg' },
    group: ['transform'],
    version: 1,
    subtitle: '={{ "after " + $parameter.threshold + " actions" }}',
    description: 'Sums up what a visitor did, once there is enough of it',
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

  methods = { listSearch: { searchModels } };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    // Summaries are claimed: what the visitors do meanwhile need not wait for the model.
    await releaseSessions(this);
    const prepare = async () => {
      const { memory, name } = await openMemory(this);
      const template = this.getNodeParameter('prompt', 0) as string;
      const fault = templateFault(template);
      if (fault) throw new NodeOperationError(this.getNode(), fault, { description: KEPT });
      const { timeout = 60 } = this.getNodeParameter('options', 0, {}) as { timeout?: number };
      const options = {
        threshold: this.getNodeParameter('threshold', 0) as number,
        linkedOnly: this.getNodeParameter('sessions', 0) === 'linked',
        template,
        timeoutMs: timeout * 1_000,
      };
      const model = await modelFor(this);
      const parts = { memory, model, clock: systemClock, random: Math.random };
      return { name, parts, options };
    };
    const items = await eachItem(
      this,
      prepare,
      async ({ name, parts, options }, item, index) => {
        const session = sessionOf(name, item);
        // A visitor nobody has seen yet has nothing to sum up.
        if (!session) return [item];
        const evenBackingOff = item.json.resumed === true;
        const outcome = await summarizeSession(parts, session, { ...options, evenBackingOff });
        return [{ json: { ...item.json, ...fields(outcome) }, pairedItem: { item: index } }];
      },
      { retried: true },
    );
    return [items];
  }
}

function fields({ summarized, summary, waiting }: SummaryOutcome): IDataObject {
  return { summary, summarized, actions_since_summary: waiting };
}
