import {
  NodeOperationError,
  type IExecuteFunctions,
  type ILoadOptionsFunctions,
} from 'n8n-workflow';
import { fetchOverHelper } from '../../core/http/fetchOverHelper';
import { fetchWithout, hideSecrets, secretsIn } from '../../core/http/secrets';
import {
  createOpenAiModel,
  type OpenAiOptions,
  type OpenAiServer,
} from '../../core/summary/openAiModel';
import type { Model } from '../../core/summary/summarize';
import { baseUrlOf } from '../shared/service';

const DEFAULT_BASE_URL = 'https://api.openai.com/v1';

/** What is used of n8n's chat model sub-nodes; they are LangChain models. */
interface ChatModel {
  invoke(
    messages: Array<[string, string]>,
    options: { signal: AbortSignal },
  ): Promise<{ content: unknown }>;
}

/** Of all executions: each would be refused anew. */
const refusals: NonNullable<OpenAiOptions['refusals']> = new Map();

/** The model that the node's parameters name. @throws NodeOperationError when none is connected */
export async function modelFor(context: IExecuteFunctions): Promise<Model> {
  return context.getNodeParameter('modelSource', 0) === 'connected'
    ? await connectedModel(context)
    : await openAiModel(context);
}

async function openAiModel(context: IExecuteFunctions): Promise<Model> {
  const { temperature = 0.3, maxTokens = 256 } = context.getNodeParameter('options', 0, {}) as {
    temperature?: number;
    maxTokens?: number;
  };
  const model = context.getNodeParameter('model', 0, '', { extractValue: true }) as string;
  const server = await openAiServer(context);
  return createOpenAiModel({ ...server, model, temperature, maxTokens, refusals });
}

/** The OpenAI credential's server, over n8n's HTTP helper. @throws NodeOperationError for a wrong Base URL */
export async function openAiServer(
  context: IExecuteFunctions | ILoadOptionsFunctions,
): Promise<OpenAiServer> {
  const credential = await context.getCredentials('openAiApi');
  const { apiKey, url, organizationId, header, headerName, headerValue } = credential;
  const baseUrl = baseUrlOf(context, url || DEFAULT_BASE_URL, 'OpenAI');
  // A custom header is as secret as the key: it may be the key of a gateway.
  const secrets = [String(apiKey), String(headerValue ?? ''), ...secretsIn(baseUrl)];
  return {
    apiKey: String(apiKey),
    baseUrl,
    organization: organizationId ? String(organizationId) : undefined,
    headers:
      header === true && headerName ? { [String(headerName)]: String(headerValue) } : undefined,
    fetch: fetchWithout(
      fetchOverHelper((options) => context.helpers.httpRequest(options)),
      hideSecrets(secrets),
    ),
  };
}

async function connectedModel(context: IExecuteFunctions): Promise<Model> {
  const connected = (await context.getInputConnectionData('ai_languageModel', 0)) as
    ChatModel | ChatModel[] | undefined;
  const chat = Array.isArray(connected) ? connected[0] : connected;
  if (!chat) {
    throw new NodeOperationError(context.getNode(), 'No chat model is connected', {
      description: 'Connect one below this node, or choose "OpenAI or Compatible" as Model From.',
    });
  }
  return async (prompt, signal) => {
    const { content } = await chat.invoke([['human', prompt]], { signal });
    return textOf(content);
  };
}

/** An answer is a string, or blocks of which those of type `text` are the answer. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((block: { type?: unknown; text?: unknown } | string) =>
      typeof block === 'string' ? block : typeof block.text === 'string' ? block.text : '',
    )
    .join('');
}
