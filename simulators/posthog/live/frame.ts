import type { CapturedEvent, Project } from '../types';
import { personIdOf } from '../uuid5';

/** Events of which the stream says what kind of program they come from. */
const CLASSIFIED = ['$pageview', '$pageleave', '$screen', '$http_log', '$autocapture'];
const BOTS: readonly [RegExp, string][] = [
  [/GPTBot|ClaudeBot|PerplexityBot|ChatGPT-User/i, 'AI Agent'],
  [/bot|crawl|spider|slurp/i, 'Bot'],
  [/curl|wget|python|HeadlessChrome|playwright|puppeteer/i, 'Automation'],
];

/** An event as the stream sends it: only its own fields, with what the SDK sent among the properties. */
export interface LiveFrame {
  uuid: string;
  timestamp: string;
  distinct_id: string;
  /** Made from the distinct id alone, before any merge. */
  person_id: string;
  event: string;
  properties: Record<string, unknown>;
}

/** What the stream knows of an event. `$set` beside the properties is lost here, as there. */
export function frameOf(captured: CapturedEvent, project: Project): LiveFrame {
  const { uuid, timestamp, distinct_id, event, properties } = captured;
  return {
    uuid,
    timestamp,
    distinct_id,
    person_id: personIdOf(project.id, distinct_id),
    event,
    properties: { ...properties, ...traffic(captured) },
  };
}

function traffic({ event, properties }: CapturedEvent): Record<string, unknown> {
  const agent = properties.$raw_user_agent;
  if (!CLASSIFIED.includes(event) || typeof agent !== 'string') return {};
  const kind = BOTS.find(([pattern]) => pattern.test(agent))?.[1];
  return { $virt_is_bot: kind !== undefined, $virt_traffic_type: kind ?? 'Regular' };
}

/** A frame's text: an id that is always empty, and the event's JSON. */
export const encode = (frame: LiveFrame): string => `id: \ndata: ${JSON.stringify(frame)}\n\n`;
