import type { DemoSettings } from './settings';

/** A credential the demo keeps in n8n. */
export interface DemoCredential {
  type: string;
  name: string;
  data: Record<string, string>;
}

/** Where the simulators listen and what they accept. */
export interface SimulatedServices {
  streamUrl: string;
  streamToken: string;
  intercomUrl: string;
  intercomToken: string;
  intercomSecret: string;
  /** With `/v1`. */
  crispUrl: string;
  crispWebsiteId: string;
  crispTokenIdentifier: string;
  crispTokenKey: string;
  crispSecret: string;
  /** With `/v1`. */
  modelUrl: string;
  modelKey: string;
}

/** The credentials of the real services that `settings` names, and of the simulators for the others. */
export function demoCredentials(
  settings: DemoSettings,
  simulated: SimulatedServices,
): DemoCredential[] {
  const { autoplay, intercom, crisp, openai } = settings;
  return [
    {
      type: 'autoplayConnectorApi',
      name: 'Autoplay',
      data: {
        streamUrl: autoplay?.streamUrl ?? simulated.streamUrl,
        token: autoplay?.token ?? simulated.streamToken,
      },
    },
    {
      type: 'intercomConversationApi',
      name: 'Intercom',
      data: intercom
        ? { ...intercom }
        : {
            accessToken: simulated.intercomToken,
            clientSecret: simulated.intercomSecret,
            region: 'custom',
            baseUrl: simulated.intercomUrl,
          },
    },
    {
      type: 'crispConversationApi',
      name: 'Crisp',
      data: crisp
        ? { ...crisp, baseUrl: 'https://api.crisp.chat/v1' }
        : {
            websiteId: simulated.crispWebsiteId,
            tokenIdentifier: simulated.crispTokenIdentifier,
            tokenKey: simulated.crispTokenKey,
            tier: 'website',
            webhookSecret: simulated.crispSecret,
            baseUrl: simulated.crispUrl,
          },
    },
    {
      type: 'openAiApi',
      name: 'OpenAI',
      data: {
        apiKey: openai?.apiKey ?? simulated.modelKey,
        url: openai?.url ?? simulated.modelUrl,
      },
    },
  ];
}
