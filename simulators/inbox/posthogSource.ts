import type { CapturedEvent, PosthogSimulator } from '../posthog';
import { type ActivitySource, pathOf, type ShownAction } from './source';

/** How many visitors the page remembers before it is known who they are. */
const MOST_ANONYMOUS = 1_000;
/** What n8n asks. The website asks for more. */
const BY_N8N = /\/(?:events|stats)$|^\/api\/projects\//;

/** The simulated PostHog, seen from the inbox: what it captured, whoever sent it. */
export function posthogSource(
  posthog: Pick<PosthogSimulator, 'onCaptured' | 'live' | 'api' | 'journal'>,
  projectId: number,
): ActivitySource {
  return {
    watch(listener) {
      /** What visitors did before they said who they are, by their distinct id. */
      const before = new Map<string, ShownAction[]>();
      return posthog.onCaptured((event, project) => {
        if (project.id !== projectId) return;
        const { distinct_id: id, properties } = event;
        const anonymous = properties.$anon_distinct_id;
        if (event.event === '$identify' && typeof anonymous === 'string') {
          const actions = before.get(anonymous);
          before.delete(anonymous);
          return actions && listener(id, actions);
        }
        const action = shown(event);
        if (!action) return;
        if (properties.$is_identified !== false) return listener(id, [action]);
        if (before.size >= MOST_ANONYMOUS) before.clear();
        before.set(id, [...(before.get(id) ?? []), action]);
      });
    },
    state() {
      const listens = posthog.live.subscribers() > 0;
      const delivers = posthog.api
        .functions(projectId)
        .some(({ enabled, deleted }) => enabled && !deleted);
      if (listens || delivers) return 'working';
      const asked = posthog.journal.requests.findLast(({ path }) => BY_N8N.test(path));
      return asked && [401, 403].includes(asked.status) ? 'refused' : 'none';
    },
  };
}

/** What is told of events that are no product's own: a verb, and what kind of action it is. */
const KINDS: Record<string, [type: string, verb: string] | undefined> = {
  $pageview: ['pageview', 'viewed'],
  $autocapture: ['click', 'clicked'],
  $rageclick: ['rage click', 'clicked in anger'],
  $dead_click: ['dead click', 'clicked without effect'],
  $exception: ['error', 'saw an error:'],
};
const TOUCHED: Record<string, [type: string, verb: string] | undefined> = {
  change: ['type', 'changed'],
  submit: ['submit', 'submitted'],
};

function shown({ event, properties, happenedAt }: CapturedEvent): ShownAction | undefined {
  if (event.startsWith('$') && !KINDS[event]) return undefined;
  const [type, verb] = TOUCHED[String(properties.$event_type)] ??
    KINDS[event] ?? [event, `did “${event}”`];
  const path = pathOf(properties.$current_url);
  const what = event.startsWith('$') ? ` ${objectOf(event, properties)}` : '';
  return { type, description: `User ${verb}${what}`.trim(), path, at: happenedAt };
}

function objectOf(event: string, properties: Record<string, unknown>): string {
  if (event === '$pageview') return String(properties.title ?? properties.$pathname ?? '');
  if (event === '$exception') {
    const [error] = (properties.$exception_list ?? []) as { type?: string; value?: string }[];
    return `${error?.type ?? 'Error'}: ${error?.value ?? ''}`;
  }
  const label = typeof properties.$el_text === 'string' ? properties.$el_text : undefined;
  return label ?? labelIn(String(properties.$elements_chain ?? ''));
}

/** The first label in a chain of elements: good enough to show, not to rely on. */
function labelIn(chain: string): string {
  const found = /(?:^|")(?:text|attr__aria-label)="((?:[^"\\]|\\.)*)"/.exec(chain)?.[1];
  return found?.replaceAll('\\"', '"') ?? 'something';
}
