import { createPace } from '../../core/http/pace';
import { createIntercomApi } from '../../core/intercom/api';
import { createConnectors } from '../../core/intercom/connector';
import { createConnectorApi } from '../../core/intercom/connectorApi';
import { createIntercomDestination } from '../../core/intercom/destination';
import { createIntercomSimulator, type IntercomOptions } from '../../simulators/intercom';
import { createImpatientClock, sendWith } from './service';

/** The Intercom simulator and our client of it, over real HTTP; retries do not wait. */
export async function createIntercomPair(options: Partial<IntercomOptions> = {}) {
  const simulator = createIntercomSimulator({ accessToken: 'token', ...options });
  const { url } = await simulator.listen();
  const { clock, waits } = createImpatientClock();
  const client = {
    baseUrl: url,
    send: sendWith({ Authorization: 'Bearer token' }),
    pace: createPace({ clock, maxConcurrent: 5 }),
    clock,
    random: () => 0.5,
  };
  const api = createIntercomApi(client);
  const connectors = createConnectors(createConnectorApi(client));
  const { id: adminId } = await api.me();
  const destination = createIntercomDestination(api, { author: async () => adminId });
  const { id: conversationId } = simulator.visitorStarts({ external_id: '70', text: 'Hello' });
  simulator.journal.clear();
  return { simulator, api, connectors, adminId, destination, conversationId, waits };
}
