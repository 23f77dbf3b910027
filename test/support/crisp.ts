import { createPace } from '../../core/http/pace';
import { createCrispApi } from '../../core/crisp/api';
import { createCrispDestination } from '../../core/crisp/destination';
import { createCrispSimulator, type CrispOptions } from '../../simulators/crisp';
import { createImpatientClock, sendWith } from './service';

const websiteId = '5e1a6a3c-8d0e-4f4b-9c55-3d2a1c7b9e10';
export const tokens = [
  { tier: 'plugin' as const, identifier: 'plugin identifier', key: 'plugin key' },
  { tier: 'website' as const, identifier: 'website identifier', key: 'website key' },
];

/** The Crisp simulator and our client of it, over real HTTP; retries do not wait. */
export async function createCrispPair(
  options: Partial<CrispOptions> & { tier?: 'plugin' | 'website' } = {},
) {
  const { tier = 'website', ...simulated } = options;
  const simulator = createCrispSimulator({ websiteId, tokens, ...simulated });
  const { url } = await simulator.listen();
  const { clock, waits } = createImpatientClock();
  const { identifier, key } = tokens.find((token) => token.tier === tier)!;
  const basic = Buffer.from(`${identifier}:${key}`).toString('base64');
  const api = createCrispApi({
    baseUrl: `${url}/v1`,
    websiteId,
    send: sendWith({ Authorization: `Basic ${basic}`, 'X-Crisp-Tier': tier }),
    pace: createPace({ clock, maxConcurrent: 5 }),
    clock,
    random: () => 0.5,
  });
  const destination = createCrispDestination(api, key, 'Autoplay');
  const data = { posthog_session_id: 's1', posthog_distinct_id: 70 };
  const { session_id: conversationId } = simulator.visitorOpens({ nickname: 'Ada', data });
  simulator.visitorWrites(conversationId, 'Hello');
  simulator.journal.clear();
  return { simulator, api, clock, destination, conversationId, waits, key };
}
