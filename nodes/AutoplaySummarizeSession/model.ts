import {
  NodeOperationError,
  type ICredentialDataDecryptedObject,
  type IExecuteFunctions,
  type ILoadOptionsFunctions,
} from 'n8n-workflow';
import { fetchOverHelper } from '../../core/http/fetchOverHelper';
import { fetchWithout, hideSecrets, secretsIn } from '../../core/http/secrets';
import { systemClock } from '../../core/clock';
import { text } from '../../core/values';
import { createConnectedModel, type LangChainModel } from '../../core/summary/connectedModel';
import { createOpenAiModel, type OpenAiServer } from '../../core/summary/openAiModel';
import type { Refusals } from '../../core/summary/refusals';
import type { Model } from '../../core/summary/summarize';
import { createTurns, type TurnsOf } from '../../core/summary/turns';
import { parametersOf, type Field } from '../shared/operations/parameters';
import { perProcess } from '../shared/perProcess';
import { baseUrlOf, tokenKey, tokenOf } from '../shared/service';
import { maxTokens, model as modelField, modelSource, temperature } from './description';

const DEFAULT_BASE_URL = 'https://api.openai.com/v1';

/** What servers have refused, for all executions: each would learn it again by a refused call. */
const refusals: Refusals = new Map();

/** The turns of each server and key, or of each node for connected models, whose server is not known here. */
const turns = perProcess(() => createTurns(systemClock));

/** A model, and the turns that all its users share. */
export interface ModelInTurn {
  model: Model;
  turnsOf: TurnsOf;
}

/** The model that the node's parameters name. @throws NodeOperationError when none is connected */
export async function modelFor(context: IExecuteFunctions): Promise<ModelInTurn> {
  return parametersOf(context, 0).choice(modelSource) === 'connected'
    ? await connectedModel(context)
    : await openAiModel(context);
}

async function openAiModel(context: IExecuteFunctions): Promise<ModelInTurn> {
  const parameters = parametersOf(context, 0);
  const { options } = parameters;
  // An option that was added and left empty is not sent; one that was not added has its default.
  const optional = (field: Field, read: (field: Field) => number) => {
    const given = options.raw(field);
    return given === '' || given === null ? undefined : read(field);
  };
  const server = await openAiServer(context);
  const asked = createOpenAiModel({
    ...server,
    model: parameters.locator(modelField),
    temperature: optional(temperature, options.number),
    maxTokens: optional(maxTokens, options.count),
    refusals,
  });
  return { model: asked, turnsOf: turns(tokenKey(server.baseUrl, server.apiKey)) };
}

/** The OpenAI credential's server, over n8n's HTTP helper. @throws NodeOperationError for a credential that cannot work */
export async function openAiServer(
  context: IExecuteFunctions | ILoadOptionsFunctions,
): Promise<OpenAiServer> {
  const credential = await context.getCredentials('openAiApi');
  const { url, organizationId } = credential;
  const baseUrl = baseUrlOf(context, url || DEFAULT_BASE_URL, 'OpenAI');
  const apiKey = tokenOf(context, credential.apiKey, 'API Key', 'OpenAI');
  const headers = customHeaders(context, credential);
  // A custom header is as secret as the key: it may be the key of a gateway.
  const secrets = [apiKey, ...Object.values(headers), ...secretsIn(baseUrl)];
  return {
    apiKey,
    baseUrl,
    organization: tokenOf(context, organizationId, 'Organization ID', 'OpenAI') || undefined,
    headers,
    clock: systemClock,
    fetch: fetchWithout(
      fetchOverHelper((options) => context.helpers.httpRequest(options)),
      hideSecrets(secrets),
    ),
  };
}

const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/;
/** As a token, with spaces in it, as in `Bearer …`. */
const HEADER_VALUE = /^[\x20-\x7e]*$/;

/** @throws NodeOperationError for a header that cannot be sent; the error of the request would repeat its value */
function customHeaders(
  context: IExecuteFunctions | ILoadOptionsFunctions,
  { header, headerName, headerValue }: ICredentialDataDecryptedObject,
): Record<string, string> {
  const name = text(headerName).trim();
  if (header !== true || name === '') return {};
  const value = text(headerValue).trim();
  if (HEADER_NAME.test(name) && HEADER_VALUE.test(value)) return { [name.toLowerCase()]: value };
  throw new NodeOperationError(
    context.getNode(),
    'The custom header in the credential is damaged',
    {
      description:
        'Enter Header Name and Header Value in the OpenAI credential again: one of them contains a character that no header has, such as a line break.',
    },
  );
}

async function connectedModel(context: IExecuteFunctions): Promise<ModelInTurn> {
  const connected = await context.getInputConnectionData('ai_languageModel', 0);
  const chat = [connected].flat()[0] as LangChainModel | undefined;
  const { id, name } = context.getNode();
  const turnsOf = turns(tokenKey(context.getWorkflow().id ?? '', id ?? name));
  if (chat) return { model: createConnectedModel(chat), turnsOf };
  throw new NodeOperationError(context.getNode(), 'No chat model is connected', {
    description: 'Connect one below this node, or choose "OpenAI or Compatible" as Model Source.',
  });
}
