import { posthogKeys, posthogProject } from '../../simulators/demo';
import type { Simulators } from '../../simulators';

/** A frame of PostHog's live stream. */
export interface Frame {
  uuid: string;
  timestamp: string;
  distinct_id: string;
  person_id: string;
  event: string;
  properties: Record<string, any>;
}

/** Reads the simulated PostHog's live stream of the demo's project, until it is stopped. */
export function readLiveStream({ posthog, urls }: Pick<Simulators, 'posthog' | 'urls'>) {
  const abort = new AbortController();
  const frames: Frame[] = [];
  const token = posthog.access.issue(posthogProject, posthogKeys[0]!);
  const read = async (): Promise<void> => {
    const response = await fetch(`${urls.posthog}/livestream/events`, {
      headers: { Authorization: `Bearer ${token}` },
      signal: abort.signal,
    });
    let text = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      const parts = (text + chunk).split('\n\n');
      text = parts.pop()!;
      for (const part of parts) frames.push(JSON.parse(part.replace(/^id: \ndata: /, '')) as Frame);
    }
  };
  const over = read().catch(() => undefined);
  return {
    /** Oldest first. */
    frames,
    /** The frames of these events, oldest first. */
    of: (...events: string[]) => frames.filter(({ event }) => events.includes(event)),
    async stop(): Promise<void> {
      abort.abort();
      await over;
    },
  };
}
