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
import {
  summarizeSession,
  type SummaryOptions,
  type SummaryOutcome,
} from '../../core/summary/summarize';
import { eachItem, isTool, passedOn, sessionOf } from '../shared/items';
import { memoryCredential } from '../shared/memory/fields';
import { openMemory } from '../shared/memory/open';
import { countOf, millisecondsOf } from '../shared/numbers';
import { releaseSessions } from '../shared/release';
import { tellTrigger } from '../shared/signals';
import { callsAtOnce, properties, threshold, timeout } from './description';
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
      const { storage, memoryOf } = await openMemory(this);
      const options: IDataObject = this.getNodeParameter('options', 0, {});
      const { model, turnsOf } = await modelFor(this);
      const turns = turnsOf(countOf(this, callsAtOnce, options.callsAtOnce));
      const parts = { memory: storage, model, turns, clock: systemClock, random: Math.random };
      return { memoryOf, parts };
    };
    const items = await eachItem(
      this,
      prepare,
      async ({ memoryOf, parts }, item, index) => {
        const options = optionsOf(this, index);
        const session = sessionOf(memoryOf(index), item);
        // A visitor nobody has seen yet has nothing to sum up.
        if (!session) {
          return [isTool(this) ? { json: NOTHING, pairedItem: { item: index } } : item];
        }
        const includePaused = item.json.resumed === true;
        const outcome = await summarizeSession(parts, session, { ...options, includePaused });
        if (outcome.leftForLater) tellTrigger(this.getWorkflow().id).leftForLater();
        const json = { ...passedOn(this, item.json), ...fields(outcome) };
        return [{ json, pairedItem: { item: index } }];
      },
      { retried: true },
    );
    return [items];
  }
}

/** @throws NodeOperationError for a prompt or a number that cannot be used */
function optionsOf(
  context: IExecuteFunctions,
  itemIndex: number,
): Omit<SummaryOptions, 'includePaused'> {
  const where = { itemIndex };
  const template = String(context.getNodeParameter('prompt', itemIndex, '') ?? '');
  const fault = templateFault(template);
  if (fault) {
    throw new NodeOperationError(context.getNode(), fault, { ...where, description: KEPT });
  }
  const after = context.getNodeParameter('threshold', itemIndex, '') as unknown;
  const options: IDataObject = context.getNodeParameter('options', itemIndex, {});
  return {
    threshold: countOf(context, threshold, after, where),
    linkedOnly: context.getNodeParameter('sessions', itemIndex) === 'linked',
    template,
    timeoutMs: millisecondsOf(1_000, context, timeout, options.timeout, where),
  };
}

/** What a model is told of a visitor nobody has seen. */
const NOTHING = { summary: null, summarized: false };

function fields({ summarized, summary, waiting }: SummaryOutcome): IDataObject {
  return { summary, summarized, actions_since_summary: waiting };
}
