import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkflowJson } from '../n8n';

/** The prompts in the workflow files of a folder, as they are shipped. */
export function shippedPrompts(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => {
      const { nodes } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as WorkflowJson;
      return nodes.flatMap(({ parameters: { prompt, options } }) => [
        prompt,
        (options as { systemMessage?: unknown } | undefined)?.systemMessage,
      ]);
    })
    .filter((text) => typeof text === 'string');
}
