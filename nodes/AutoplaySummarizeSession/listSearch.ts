import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { listModels } from '../../core/summary/openAiModel';
import { orNodeError } from '../shared/nodeErrors';
import { openAiServer } from './model';

/** The models that the credential's server offers, filtered by what was typed. */
export async function searchModels(
  this: ILoadOptionsFunctions,
  filter = '',
): Promise<INodeListSearchResult> {
  const ids = await orNodeError(this.getNode(), listModels(await openAiServer(this)));
  const wanted = filter.toLowerCase();
  const fitting = ids.filter((id) => id.toLowerCase().includes(wanted));
  return { results: fitting.map((id) => ({ name: id, value: id })) };
}
