import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

export interface StepOptions {
  /** The node's type, without the package. */
  type?: string;
  items?: INodeExecutionData[];
  /** What the node's parameters are set to; a parameter that is missing has no value. */
  parameters?: Record<string, unknown>;
  continueOnFail?: boolean;
  onError?: string;
  /** How n8n started the execution, and its id. */
  mode?: string;
  executionId?: string;
  /** Takes n8n's custom data of the execution. */
  customData?: Record<string, string>;
  /** Takes the hints of the execution. */
  hints?: string[];
  credentials?: IDataObject;
  /** Answers every request. */
  httpRequest?: (request: never) => unknown;
}

/** What n8n gives a step, as far as the tests of nodes need it. Its workflow is `w`. */
export function stepContext({
  type = 'crispConversation',
  items = [{ json: {} }],
  parameters = {},
  continueOnFail = false,
  onError,
  mode = 'trigger',
  executionId,
  customData = {},
  hints = [],
  credentials = {},
  httpRequest,
}: StepOptions = {}): IExecuteFunctions {
  const context = {
    getInputData: () => items,
    getNode: () => ({
      name: 'Step',
      type: `n8n-nodes-autoplay.${type}`,
      parameters: {},
      ...(onError && { onError }),
    }),
    getMode: () => mode,
    customData: { set: (key: string, value: string) => void (customData[key] = value) },
    getWorkflow: () => ({ id: 'w' }),
    getExecutionId: () => executionId,
    continueOnFail: () => continueOnFail,
    getCredentials: async () => credentials,
    getNodeParameter: (name: string, _item: number, fallback?: unknown) =>
      name in parameters ? parameters[name] : fallback,
    addExecutionHints: ({ message }: { message: string }) => void hints.push(message),
    logger: console,
    helpers: { httpRequest },
  };
  return context as unknown as IExecuteFunctions;
}
