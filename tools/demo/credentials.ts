import { demo, type Simulators } from '../../simulators';
import type { DemoSettings } from './settings';

/** A credential the demo keeps in n8n. */
export interface DemoCredential {
  type: string;
  name: string;
  data: Record<string, string>;
}

/** The credentials of the real services that `settings` names, and of the simulators for the others. */
export function demoCredentials(
  settings: DemoSettings,
  urls: Simulators['urls'],
): DemoCredential[] {
  const { autoplay, intercom, crisp, openai } = settings;
  return [
    {
      type: 'autoplayConnectorApi',
      name: 'Autoplay',
      data: {
        streamUrl: autoplay?.streamUrl ?? urls.stream,
        token: autoplay?.token ?? demo.connectorToken,
      },
    },
    {
      type: 'intercomConversationApi',
      name: 'Intercom',
      data: intercom
        ? { ...intercom }
        : {
            accessToken: demo.intercomToken,
            clientSecret: demo.intercomClientSecret,
            region: 'custom',
            baseUrl: urls.intercom,
          },
    },
    {
      type: 'crispConversationApi',
      name: 'Crisp',
      data: crisp
        ? { ...crisp, baseUrl: 'https://api.crisp.chat/v1' }
        : {
            websiteId: demo.crispWebsiteId,
            tokenIdentifier: demo.crispTokenIdentifier,
            tokenKey: demo.crispTokenKey,
            tier: 'website',
            webhookSecret: demo.crispHookKey,
            baseUrl: urls.crisp,
          },
    },
    {
      type: 'openAiApi',
      name: 'OpenAI',
      data: {
        apiKey: openai?.apiKey ?? demo.modelKey,
        url: openai?.url ?? urls.model,
      },
    },
  ];
}
