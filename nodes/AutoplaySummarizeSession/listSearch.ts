import { OpenAI } from 'openai';
import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { orServiceError } from '../../core/summary/modelErrors';
import { orNodeError } from '../shared/nodeErrors';
import { openAiConnection } from './model';

/** The models that the credential's server offers, filtered by what was typed. */
export async function searchModels(
  this: ILoadOptionsFunctions,
  filter = '',
): Promise<INodeListSearchResult> {
  const { apiKey, baseUrl, organization, headers, fetch } = await openAiConnection(this);
  const client = new OpenAI({
    apiKey,
    baseURL: baseUrl,
    organization: organization ?? null,
    defaultHeaders: headers,
    fetch,
  });
  const { data } = await orNodeError(this.getNode(), orServiceError(client.models.list()));
  const ids = data
    .map(({ id }) => id)
    .filter((id) => id.toLowerCase().includes(filter.toLowerCase()));
  return { results: ids.sort().map((id) => ({ name: id, value: id })) };
}
