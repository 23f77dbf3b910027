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
  modelUrl: string;
  modelKey: string;
}

/** The credentials of the real services that `settings` names, and of the simulators for the others. */
export function demoCredentials(
  settings: DemoSettings,
  simulated: SimulatedServices,
): DemoCredential[] {
  const { autoplay, intercom, openai } = settings;
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
      type: 'openAiApi',
      name: 'OpenAI',
      data: {
        apiKey: openai?.apiKey ?? simulated.modelKey,
        url: openai?.url ?? simulated.modelUrl,
      },
    },
  ];
}
