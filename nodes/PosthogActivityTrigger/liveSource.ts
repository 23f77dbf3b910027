import type { ITriggerFunctions } from 'n8n-workflow';
import type { Clock } from '../../core/clock';
import { readStreamEvent, type PosthogSkip } from '../../core/posthog/events';
import { hostsOf, projectUrl } from '../../core/posthog/hosts';
import { LIVE_POLICY, LIVE_STREAM, liveTokens } from '../../core/posthog/liveStream';
import { createTranslator } from '../../core/posthog/translator';
import type { PosthogProject, WantedEvents } from '../../core/posthog/types';
import { createStream } from '../../core/stream/stream';
import type { Source, SourceSink } from '../shared/batching/listener';
import { posthogApiFor, type PosthogFields } from './connection';
import { namesOf } from './events';

export interface LiveParts {
  /** The trigger's name, for the log. */
  name: string;
  /** The credential as it is now: one that was mended is used. */
  credential(): Promise<PosthogFields>;
  events: WantedEvents;
  fetch: typeof fetch;
  clock: Clock;
  random: () => number;
  logger: ITriggerFunctions['logger'];
}

/** PostHog's live stream, as a source of activity. */
export function liveSource({ name, credential, events, logger, ...parts }: LiveParts) {
  return ({ onBatch, onState, onProblem }: SourceSink): Source => {
    let project: PosthogProject | undefined;
    /** The credential that the project is known by. */
    let known = '';
    let unread = 0;
    const translator = createTranslator({
      project: () => project,
      events,
      clock: parts.clock,
      onFirstSkip: (reason) => logger.info(`${name}: leaving out events (${SKIPPED[reason]})`),
    });
    const stream = createStream({
      ...parts,
      ...LIVE_POLICY,
      url: '',
      token: '',
      server: LIVE_STREAM,
      authorize: liveTokens({
        clock: parts.clock,
        events: namesOf(events),
        properties: events.custom.flatMap(({ properties }) => properties),
        async connect() {
          const fields = await credential();
          const given = JSON.stringify(fields);
          if (given !== known) project = undefined;
          known = given;
          // Without a Project ID, it is the one that the key's owner has open, and they may open another.
          const projectId = fields.projectId || project?.id;
          return { hosts: hostsOf(fields), api: posthogApiFor(fields, parts.fetch, { projectId }) };
        },
        onProject({ id, name: called }, { app }) {
          project = { id, name: called, url: projectUrl(app, id) };
        },
      }),
      onFrame(frame) {
        const event = readStreamEvent(frame);
        if (!event) unread += 1;
        else for (const batch of translator.read(event)) onBatch(batch);
      },
      onProblem,
      onState,
    });
    return {
      opensLate: true,
      start: () => stream.start(),
      stop: () => stream.stop(),
      stats: () => ({ ...stream.stats(), unread, skipped: translator.skipped() }),
      settle: (item) => translator.settle(item),
    };
  };
}

/** Why events become no actions, in the log. */
export const SKIPPED: Record<PosthogSkip, string> = {
  bot: 'of bots',
  late: 'of a person who has since left the session to another',
  no_session: 'without a session, such as those of servers',
  not_chosen: 'that the node does not use',
  repeated: 'that came before',
};
