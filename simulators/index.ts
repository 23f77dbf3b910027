import { type Clock, systemClock } from '../core/clock';
import {
  type ConnectorSimulator,
  createConnectorSimulator,
  createCrowd,
  type Crowd,
  hostileSite,
} from './connector';
import { createCrispSimulator, type CrispSimulator } from './crisp';
import { admins, demo, people, posthogKeys, posthogProject } from './demo';
import {
  connectorSource,
  createInboxServer,
  createWebsite,
  type InboxServer,
  type OfferReport,
  posthogSource,
  watchAnswers,
} from './inbox';
import { createIntercomSimulator, type IntercomSimulator } from './intercom';
import { createModelSimulator, type ModelSimulator } from './model';
import type { Prompt } from './model/prompt';
import { createPosthogSimulator, type PosthogSimulator } from './posthog';
import { createPosthogCrowd } from './posthogCrowd';
import type { Random } from './random';
import { openStateFile } from './stateFile';
import { createWidgets } from './widgets';

export { admins, demo, people, posthogProject } from './demo';
export type { DemoFacts, OfferFigures, OfferReport } from './inbox';

export interface SimulatorOptions {
  /** Each 0 or left out for any free port. */
  ports?: {
    connector?: number;
    posthog?: number;
    intercom?: number;
    crisp?: number;
    model?: number;
    inbox?: number;
  };
  host?: string;
  /** Where the visitors' activity goes. Default: Autoplay's connector. */
  source?: 'autoplay' | 'posthog';
  /** The file that keeps conversations and sessions between runs. Default: none. */
  stateFile?: string;
  /** Whether the visitors act on their own from the start. Default true. */
  lively?: boolean;
  /** In how many of their spells the visitors get stuck, 0 to 1. Default 0. */
  stuckShare?: number;
  /** What offers have come to, for the inbox. Default: nothing. */
  offers?: OfferReport;
  /** Whether the visitors' pages hold markup, other scripts and orders to a model. Default false. */
  hostile?: boolean;
  /** Writes the model's answers. By default they are made from the prompt. */
  answer?: (prompt: Prompt) => string;
  /** Texts of prompts as they are shipped: the model repeats what a prompt says besides. */
  knownPrompts?: readonly string[];
  /** Called when the state file cannot be used. */
  warn?: (message: string) => void;
  /** How long webhooks of the chat products wait for an answer, in milliseconds. Default: as the vendors. */
  hookPatienceMs?: number;
  clock?: Clock;
  random?: Random;
}

export interface Simulators {
  connector: ConnectorSimulator;
  posthog: PosthogSimulator;
  intercom: IntercomSimulator;
  crisp: CrispSimulator;
  model: ModelSimulator;
  crowd: Crowd;
  inbox: Pick<InboxServer, 'describe'>;
  urls: {
    /** The stream of the demo's product, whole. */
    stream: string;
    connector: string;
    /** Of PostHog's site, of capture and of the live stream alike. */
    posthog: string;
    intercom: string;
    /** With the `/v1` that all addresses of its API begin with. */
    crisp: string;
    /** With the `/v1` that clients of OpenAI expect. */
    model: string;
    inbox: string;
  };
  /** Saves the conversations and closes everything. */
  stop(): Promise<void>;
}

/**
 * Starts everything the demo needs around n8n, with its people and tokens.
 *
 * @throws Error naming the service, port and environment variable when a port cannot be had; what had
 *   been started is closed again
 */
export async function startSimulators(options: SimulatorOptions = {}): Promise<Simulators> {
  const { ports = {}, host, stateFile, lively = true, hostile, warn = () => undefined } = options;
  const {
    clock = systemClock,
    random = Math.random,
    answer,
    knownPrompts,
    hookPatienceMs,
    stuckShare,
    offers,
  } = options;
  const { productId } = demo;

  const connector = createConnectorSimulator({
    products: { [productId]: { token: demo.connectorToken } },
    clock,
  });
  const posthog = createPosthogSimulator({
    projects: [posthogProject],
    keys: posthogKeys,
    clock,
    random,
  });
  const intercom = createIntercomSimulator({
    accessToken: demo.intercomToken,
    admins,
    hookPatienceMs,
    clock,
    random,
  });
  const crisp = createCrispSimulator({
    websiteId: demo.crispWebsiteId,
    tokens: [{ tier: 'website', identifier: demo.crispTokenIdentifier, key: demo.crispTokenKey }],
    hookPatienceMs,
    clock,
    random,
  });
  const model = createModelSimulator({
    ...{ apiKey: demo.modelKey, knownPrompts, clock },
    ...(answer && { answer }),
  });
  const widgets = createWidgets(crisp, intercom);
  const isPosthog = options.source === 'posthog';
  const posthogCrowd = createPosthogCrowd({
    capture: (event) => posthog.capture(event),
    clock,
    random,
  });
  const crowd = createCrowd({
    ...{ productId, people, stuckShare, clock, random },
    connector: isPosthog ? { send: () => undefined } : connector,
    onDeed(deed) {
      if (isPosthog) posthogCrowd.send(deed);
      widgets.load(deed);
    },
    ...(hostile && { site: hostileSite }),
  });
  widgets.follow(crowd);
  posthog.onCaptured(({ event, distinct_id, properties }) => {
    const { $session_id: sessionId, $current_url: url, title } = properties;
    // At the website, someone signs in as a person of the crowd, who then goes on in that browser.
    const person = people.find(({ id }) => id === distinct_id);
    if (!person || typeof sessionId !== 'string') return;
    if (crowd.visitor(person.id).sessionId !== sessionId) crowd.adopt(person.id, sessionId);
    if (event !== '$pageview' || typeof url !== 'string') return;
    widgets.load({ person, sessionId, page: { title: String(title ?? '') }, url });
  });
  const calls = watchAnswers(crisp, model);
  let posthogUrl = '';
  const website = createWebsite({
    posthogUrl: () => posthogUrl,
    token: posthogProject.apiToken,
    people,
  });
  const inbox = createInboxServer({
    ...{ intercom, crisp, crowd, model, calls, offers, clock },
    agentSecrets: {
      userToken: demo.userTokenSecret,
      mcp: demo.hugoSecret,
      mcpToken: demo.contextToken,
      crispWebsiteId: demo.crispWebsiteId,
    },
    source: isPosthog
      ? posthogSource(posthog, posthogProject.id)
      : connectorSource(connector, productId),
    ...(isPosthog && { website }),
  });
  const closeAll = async (): Promise<void> => {
    crowd.stop();
    calls.stop();
    await Promise.all(
      [connector, posthog, intercom, crisp, model, inbox].map((one) => one.close()),
    );
  };

  try {
    posthogUrl = (await posthog.listen(ports.posthog, host)).url;
    const urls = {
      connector: (await connector.listen(ports.connector, host)).url,
      posthog: posthogUrl,
      intercom: (await intercom.listen(ports.intercom, host)).url,
      crisp: `${(await crisp.listen(ports.crisp, host)).url}/v1`,
      model: `${(await model.listen(ports.model, host)).url}/v1`,
      inbox: (await inbox.listen(ports.inbox, host)).url,
    };
    const state = stateFile
      ? await openStateFile(stateFile, { intercom, crisp, crowd, calls }, clock, warn)
      : undefined;
    for (const { id: external_id, name, email } of people) {
      if (!intercom.findContact({ external_id })) intercom.addContact({ external_id, name, email });
    }
    if (lively) crowd.start();
    return {
      connector,
      posthog,
      intercom,
      crisp,
      model,
      crowd,
      inbox,
      urls: { ...urls, stream: `${urls.connector}/stream/${productId}` },
      async stop() {
        await closeAll();
        await state?.close();
      },
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}
