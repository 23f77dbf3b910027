import { join } from 'node:path';
import {
  demo,
  type DemoFacts,
  type OfferReport,
  people,
  type Simulators,
  startSimulators,
} from '../../simulators';
import { chatAs } from '../../simulators/crisp';
import { INTERCOM_TOPICS } from '../../core/intercom/webhook';
import { acts } from '../../simulators/inbox/acts';
import { repositoryFolder } from '../n8n/node24';
import { isTaken, portTakenMessage } from '../n8n/ports';
import { shippedPrompts } from './prompts';
import { addSamples } from './samples';
import type { Webhook } from './setUp';
import { type DemoPorts, type DemoSettings, portVariables } from './settings';

/** The simulated part of the demo. */
export interface Services {
  urls: Simulators['urls'];
  /** Undefined when nothing is simulated that the inbox shows. */
  inboxUrl?: string;
  /** Sends the webhooks of a simulated chat product to this address. */
  notify(webhook: Pick<Webhook, 'chat' | 'url'>): void;
  /** Tells the inbox of n8n. */
  describe(n8n: Omit<DemoFacts, 'simulated'>): void;
  /** Lets the visitors act. */
  startVisitors(): void;
  stop(): Promise<void>;
}

/** The visitors who ask for help on their own in a demo without conversations. */
const FIRST_TO_WRITE = {
  intercom: [
    { id: '70', text: 'Hi! How do I get started?' },
    { id: '73', text: 'Can I export a board to CSV?' },
  ],
  /** Conversations that the team starts and the visitor answers. */
  answered: [
    {
      id: '74',
      as: 'teammate',
      said: 'Hi Mateo, I see that you are setting up a board. Can I help?',
      text: 'Yes, please! How do I invite my team?',
    },
    {
      id: '75',
      as: 'campaign',
      said: 'New: boards can be exported to PDF. Have you tried it?',
      text: 'Not yet. Where do I find it?',
    },
  ],
  crisp: [{ id: '71', act: 'export-fails', text: 'Why does this not work?' }],
} as const;
/** In how many of their spells visitors who act alone get stuck. */
const STUCK_SHARE = 0.25;
/** The time before the first visitor writes, and between one and the next. */
const STEP_MS = 4_000;

const names: Record<keyof DemoPorts, string> = {
  n8n: 'n8n',
  inbox: 'the inbox',
  connector: 'the simulated Autoplay connector',
  posthog: 'the simulated PostHog',
  intercom: 'the simulated Intercom',
  model: 'the simulated language model',
  crisp: 'the simulated Crisp',
};

/** The ports that are needed: a real service needs no port for its simulator. */
function neededPorts(settings: DemoSettings): Partial<DemoPorts> {
  const { ports, source, intercom, crisp, openai } = settings;
  return {
    n8n: ports.n8n,
    ...(!(settings[source] && intercom && crisp) && { inbox: ports.inbox }),
    ...(!settings[source] &&
      (source === 'posthog' ? { posthog: ports.posthog } : { connector: ports.connector })),
    ...(!intercom && { intercom: ports.intercom }),
    ...(!crisp && { crisp: ports.crisp }),
    ...(!openai && { model: ports.model }),
  };
}

/**
 * Checks all ports before anything slow is done.
 * @throws about the first that is taken, with the variable that chooses another.
 */
export async function checkPorts(settings: DemoSettings): Promise<void> {
  const used = new Map<number, keyof DemoPorts>();
  for (const [key, port] of Object.entries(neededPorts(settings)) as Array<
    [keyof DemoPorts, number]
  >) {
    const variable = portVariables[key][0];
    const other = used.get(port);
    if (other) throw new Error(`${portVariables[other][0]} and ${variable} are both ${port}.`);
    used.set(port, key);
    if (await isTaken(port, '127.0.0.1'))
      throw new Error(portTakenMessage(names[key], port, variable));
  }
}

/**
 * Starts the simulators; the visitors wait for `startVisitors`.
 *
 * @param offers what the inbox shows of offers
 */
export async function startServices(
  settings: DemoSettings,
  warn: (message: string) => void,
  offers?: OfferReport,
): Promise<Services> {
  const { n8n: _, ...ports } = neededPorts(settings);
  const simulators = await startSimulators({
    ports,
    // The website talks to the simulated PostHog, which no node reads where there is a real one.
    ...(!settings.posthog && { source: settings.source }),
    stateFile: join(settings.folder, 'conversations.json'),
    lively: false,
    stuckShare: STUCK_SHARE,
    ...(offers && { offers }),
    hostile: settings.hostile === true,
    knownPrompts: shippedPrompts(join(repositoryFolder, 'workflows')),
    warn,
  });
  const { urls, intercom, crisp, crowd, inbox } = simulators;
  // Before there are subscribers: these conversations start no workflow.
  const samples = addSamples(join(repositoryFolder, 'workflows'), simulators);
  return {
    urls,
    ...(ports.inbox !== undefined && { inboxUrl: urls.inbox }),
    notify({ chat, url }) {
      const subscribe = (address: string, occasional: boolean) => {
        if (chat === 'crisp') {
          const key = encodeURIComponent(demo.crispHookKey);
          crisp.hooks.subscribe({ kind: 'website', url: `${address}?key=${key}`, occasional });
          return;
        }
        intercom.webhooks.subscribe({
          url: address,
          topics: Object.values(INTERCOM_TOPICS),
          clientSecret: demo.intercomClientSecret,
          occasional,
        });
      };
      subscribe(url, false);
      // n8n's editor listens there while a trigger is tested.
      subscribe(url.replace('/webhook/', '/webhook-test/'), true);
    },
    describe(n8n) {
      const { openai, source } = settings;
      const simulated = {
        visitors: !settings[source],
        intercom: !settings.intercom,
        crisp: !settings.crisp,
        model: !openai,
      };
      inbox.describe({ ...n8n, simulated });
    },
    startVisitors() {
      if (settings[settings.source]) return;
      crowd.start();
      // So that the demo shows something before its user writes.
      if (!settings.intercom && intercom.conversations().every(({ id }) => samples.has(id))) {
        inTurn(FIRST_TO_WRITE.intercom, ({ id: external_id, text }) =>
          intercom.visitorStarts({ external_id, text }),
        );
        inTurn(FIRST_TO_WRITE.answered, ({ id: external_id, as, said, text }) => {
          const { id } = intercom.teamStarts({ external_id, as, text: said });
          later(2 * STEP_MS, () => intercom.visitorReplies(id, text));
        });
      }
      if (!settings.crisp && crisp.conversations().every(({ session_id: id }) => samples.has(id))) {
        inTurn(FIRST_TO_WRITE.crisp, ({ id, act, text }) => {
          const person = people.find((one) => one.id === id);
          if (!person) return;
          // Before the question, because the bot answers from earlier activity.
          crowd.act(id, acts[act]);
          later(STEP_MS, () => chatAs(crisp, crowd, person, text));
        });
      }
    },
    stop: () => simulators.stop(),
  };
}

function inTurn<T>(list: readonly T[], act: (one: T) => void): void {
  list.forEach((one, i) => later(STEP_MS * (i + 1), () => act(one)));
}

function later(ms: number, act: () => void): void {
  setTimeout(act, ms).unref();
}
