import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Simulators } from '../../simulators';
import type { WorkflowJson } from '../n8n';

type Sample = Record<string, unknown>;

/** The items that the triggers of the workflow files in a folder are pinned to. */
function pinnedItems(folder: string): Sample[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => {
      const { pinData } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as WorkflowJson & {
        pinData?: Record<string, { json: Sample }[]>;
      };
      return Object.values(pinData ?? {}).flat();
    })
    .map(({ json }) => json);
}

/**
 * Makes the conversations that the shipped sample data names, so that a workflow can be executed with it in the editor,
 * step by step. Returns their ids.
 *
 * @param folder of the workflow files
 */
export function addSamples(
  folder: string,
  { intercom, crisp }: Pick<Simulators, 'intercom' | 'crisp'>,
): Set<string> {
  const items = pinnedItems(folder);
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  const visit = items.find(({ type }) => type === 'actions') ?? {};
  const ids = new Set<string>();
  for (const sample of items) {
    const id = text(sample.conversation_id);
    const name = `${text(sample.name)} (sample data)`;
    const words = text(sample.text).replace(/<\/?p>/g, '');
    if (sample.chat === 'intercom') {
      ids.add(id);
      if (intercom.conversations().some((one) => one.id === id)) continue;
      const { user_id, email } = sample;
      intercom.visitorStarts({
        external_id: text(user_id),
        email: text(email),
        name,
        text: words,
        id,
      });
    } else if (sample.chat === 'crisp') {
      ids.add(id);
      if (crisp.conversations().some(({ session_id }) => session_id === id)) continue;
      const data = {
        posthog_session_id: text(visit.session_id),
        posthog_distinct_id: text(visit.user_id),
      };
      crisp.visitorOpens({ session_id: id, nickname: name, email: text(visit.email), data });
      crisp.visitorWrites(id, words);
    }
  }
  return ids;
}
