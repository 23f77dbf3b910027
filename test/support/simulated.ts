import { demo, type Simulators } from '../../simulators';
import { contextSecrets, simulatedCrisp, simulatedIntercom } from '../../tools/demo/credentials';

/** What opens the simulators, by credential type. */
export function simulatedCredentials(
  urls: Simulators['urls'],
): Record<string, Record<string, string>> {
  return {
    autoplayConnectorApi: { streamUrl: urls.stream, token: demo.connectorToken },
    autoplayPushApi: { secret: demo.pushSecret },
    posthogActivityApi: {
      region: 'custom',
      baseUrl: urls.posthog,
      liveUrl: urls.posthog,
      projectId: '',
      personalApiKey: demo.posthogKey,
      signingSecret: '',
    },
    intercomConversationApi: simulatedIntercom(urls.intercom),
    crispConversationApi: simulatedCrisp(urls.crisp),
    autoplayContextApi: contextSecrets,
    openAiApi: { apiKey: demo.modelKey, url: urls.model },
  };
}
