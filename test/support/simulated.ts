import { demo, type Simulators } from '../../simulators';
import { contextSecrets } from '../../tools/demo/credentials';

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
    intercomConversationApi: {
      accessToken: demo.intercomToken,
      region: 'custom',
      baseUrl: urls.intercom,
      clientSecret: demo.intercomClientSecret,
    },
    crispConversationApi: {
      websiteId: demo.crispWebsiteId,
      tokenIdentifier: demo.crispTokenIdentifier,
      tokenKey: demo.crispTokenKey,
      tier: 'website',
      webhookSecret: demo.crispHookKey,
      baseUrl: urls.crisp,
    },
    autoplayContextApi: contextSecrets,
    openAiApi: { apiKey: demo.modelKey, url: urls.model },
  };
}
