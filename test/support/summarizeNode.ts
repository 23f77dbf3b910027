import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { AutoplaySummarizeSession } from '../../nodes/AutoplaySummarizeSession/AutoplaySummarizeSession.node';
import { createMemoryFlow } from './memoryNode';

/** What the model's server was asked. */
interface Asked {
  headers: Record<string, string>;
  body: unknown;
}

const ANSWER = { choices: [{ message: { content: 'They clicked.' }, finish_reason: 'stop' }] };

/** A Summarize Session node on a memory of its own, with a model's server that answers the same each time. */
export function createSummarizeNode(credential: IDataObject = {}, answer: object = ANSWER) {
  const node = new AutoplaySummarizeSession();
  const flow = createMemoryFlow();
  const asked: Asked[] = [];
  const session = { product_id: 'shop', session_id: 's1' };

  async function run(parameters: Record<string, unknown> = {}): Promise<IDataObject[]> {
    const options = Object.fromEntries(
      Object.entries(parameters).flatMap(([name, value]) =>
        name.startsWith('options.') ? [[name.slice('options.'.length), value]] : [],
      ),
    );
    const given: Record<string, unknown> = {
      model: 'gpt-4o-mini',
      sessions: 'all',
      ...parameters,
      options,
    };
    const defaults = Object.fromEntries(
      node.description.properties.map((one) => [one.name, one.default]),
    );
    const context = {
      getInputData: () => [{ json: session }],
      getNode: () => ({
        id: 'n',
        name: 'Summarize',
        type: 'autoplaySummarizeSession',
        parameters: {},
      }),
      getWorkflow: () => ({ id: flow.workflowId }),
      getMode: () => 'manual',
      continueOnFail: () => false,
      logger: console,
      getNodeParameter: (name: string) => (name in given ? given[name] : defaults[name]),
      getCredentials: async () => ({ apiKey: 'sk-a-key', ...credential }),
      helpers: {
        async httpRequest({ headers, body }: { headers: Record<string, string>; body: string }) {
          asked.push({ headers, body: JSON.parse(body) });
          return { statusCode: 200, headers: {}, body: JSON.stringify(answer) };
        },
      },
    };
    const [out = []] = await node.execute.call(context as unknown as IExecuteFunctions);
    return out.map(({ json }) => json);
  }

  return {
    run,
    asked,
    /** Remembers so many actions, numbered from `first`. */
    remember: async (count: number, first = 0) => {
      const actions = Array.from({ length: count }, (_, i) => ({
        type: 'click',
        title: `Button ${first + i}`,
      }));
      if (count > 0) await flow('remember', [{ type: 'actions', ...session, actions }]);
    },
  };
}
