import { demo, posthogProject, type Simulators } from '../../simulators';
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
  const { intercom, crisp, openai } = settings;
  return [
    settings.source === 'posthog'
      ? posthogCredential(settings, urls)
      : autoplayCredential(settings, urls),
    {
      type: 'intercomConversationApi',
      name: 'Intercom',
      data: intercom ? { ...intercom } : simulatedIntercom(urls.intercom),
    },
    {
      type: 'crispConversationApi',
      name: 'Crisp',
      data: crisp ? { ...crisp, baseUrl: 'https://api.crisp.chat/v1' } : simulatedCrisp(urls.crisp),
    },
    ...(isReal(settings) ? [] : [contextCredential]),
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

/** What opens the simulated Intercom: the fields of its credential. */
export const simulatedIntercom = (baseUrl: string) => ({
  accessToken: demo.intercomToken,
  region: 'custom',
  baseUrl,
  clientSecret: demo.intercomClientSecret,
});

/** What opens the simulated Crisp: the fields of its credential. */
export const simulatedCrisp = (baseUrl: string) => ({
  websiteId: demo.crispWebsiteId,
  tokenIdentifier: demo.crispTokenIdentifier,
  tokenKey: demo.crispTokenKey,
  tier: 'website',
  webhookSecret: demo.crispHookKey,
  baseUrl,
});

/** Everybody can read these secrets here, so they must not open what is known of real visitors. */
const isReal = ({ autoplay, posthog, intercom, crisp, publicUrl }: DemoSettings): boolean =>
  [autoplay, posthog, intercom, crisp, publicUrl].some((one) => one !== undefined);

/** The secrets of every asker: a node reads those of its own. */
export const contextSecrets: Record<string, string> = {
  algorithm: 'HS256',
  tokenSecret: demo.userTokenSecret,
  signingSecret: demo.hugoSecret,
  websiteId: demo.crispWebsiteId,
  token: demo.contextToken,
};

const contextCredential: DemoCredential = {
  type: 'autoplayContextApi',
  name: 'Autoplay Context',
  data: contextSecrets,
};

const autoplayCredential = (
  { autoplay }: DemoSettings,
  urls: Simulators['urls'],
): DemoCredential => ({
  type: 'autoplayConnectorApi',
  name: 'Autoplay',
  data: {
    streamUrl: autoplay?.streamUrl ?? urls.stream,
    token: autoplay?.token ?? demo.connectorToken,
  },
});

const posthogCredential = (
  { posthog }: DemoSettings,
  urls: Simulators['urls'],
): DemoCredential => ({
  type: 'posthogActivityApi',
  name: 'PostHog',
  data: posthog
    ? { ...posthog }
    : {
        region: 'custom',
        baseUrl: urls.posthog,
        liveUrl: `${urls.posthog}/livestream`,
        projectId: String(posthogProject.id),
        personalApiKey: demo.posthogKey,
        signingSecret: demo.posthogSigningSecret,
      },
});
