import { join } from 'node:path';
import { demo, startSimulators } from '../../simulators';
import { isTaken, portTakenMessage } from '../n8n/ports';
import type { SimulatedServices } from './credentials';
import { type DemoPorts, type DemoSettings, portVariables } from './settings';

/** The simulated part of the demo. */
export interface Services {
  simulated: SimulatedServices;
  /** Undefined when neither visitors nor chats are simulated. */
  inboxUrl?: string;
  /** Sends the simulated Intercom's notifications to this address. */
  notify(url: string): void;
  /** Lets the visitors act. */
  startVisitors(): void;
  stop(): Promise<void>;
}

/** Who asks for help by themselves in a demo that has no conversations yet. */
const FIRST_TO_WRITE = [
  { id: '70', text: 'Hi! How do I get started?' },
  { id: '73', text: 'Can I export a board to CSV?' },
];

const names: Record<keyof DemoPorts, string> = {
  n8n: 'n8n',
  inbox: 'the inbox',
  connector: 'the simulated Autoplay connector',
  intercom: 'the simulated Intercom',
  model: 'the simulated language model',
};

/** The ports that are needed: a simulator that a real service stands in for has none of its own. */
export function neededPorts({
  ports,
  autoplay,
  intercom,
  openai,
}: DemoSettings): Partial<DemoPorts> {
  return {
    n8n: ports.n8n,
    ...(!(autoplay && intercom) && { inbox: ports.inbox }),
    ...(!autoplay && { connector: ports.connector }),
    ...(!intercom && { intercom: ports.intercom }),
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

/** Starts the simulators; the visitors wait for `startVisitors`. */
export async function startServices(
  settings: DemoSettings,
  warn: (message: string) => void,
): Promise<Services> {
  const { n8n: _, ...ports } = neededPorts(settings);
  const simulators = await startSimulators({
    ports,
    stateFile: join(settings.folder, 'conversations.json'),
    lively: false,
    warn,
  });
  const { urls } = simulators;
  return {
    simulated: {
      streamUrl: urls.stream,
      streamToken: demo.connectorToken,
      intercomUrl: urls.intercom,
      intercomToken: demo.intercomToken,
      intercomSecret: demo.intercomClientSecret,
      modelUrl: urls.model,
      modelKey: demo.modelKey,
    },
    ...(ports.inbox !== undefined && { inboxUrl: urls.inbox }),
    notify(url) {
      simulators.intercom.webhooks.subscribe({
        url,
        topics: ['conversation.user.created', 'conversation.user.replied'],
        clientSecret: demo.intercomClientSecret,
      });
    },
    startVisitors() {
      if (settings.autoplay) return;
      simulators.crowd.start();
      const { intercom } = simulators;
      if (settings.intercom || intercom.conversations().length > 0) return;
      // Otherwise nothing would be seen before somebody thinks of writing.
      for (const [i, { id: external_id, text }] of FIRST_TO_WRITE.entries()) {
        setTimeout(() => intercom.visitorStarts({ external_id, text }), 4_000 * (i + 1)).unref();
      }
    },
    stop: () => simulators.stop(),
  };
}
