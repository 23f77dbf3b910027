import { createCrispApi } from '../../core/crisp/api';
import { createCrispDestination } from '../../core/crisp/destination';
import { chatKey } from '../../core/memory/chatKey';
import type { Destination } from '../../core/delivery/destination';
import { createPace } from '../../core/http/pace';
import type { Send } from '../../core/http/service';
import { createIntercomApi } from '../../core/intercom/api';
import { createIntercomDestination } from '../../core/intercom/destination';
import type { Clock } from '../../core/clock';
import { createCrispSimulator } from '../../simulators/crisp';
import type { Faults } from '../../simulators/http/faults';
import type { Violation } from '../../simulators/http/journal';
import { createIntercomSimulator } from '../../simulators/intercom';
import type { Random } from '../../simulators/random';
import type { Process } from './time';
import { watchCrisp, watchIntercom, type Watcher } from './watch';

/** What a run delivers into: one chat product, or two workspaces of Intercom whose workflows share a memory. */
export type Setting = 'intercom' | 'crisp' | 'workspaces';

/** A simulated chat product, and our client of it. */
export interface FaultyChat {
  /** The name of the chat in links. */
  name: string;
  faults: Faults;
  /** Requests that the vendor's API does not allow. */
  violations(): string[];
  authentication: Record<string, string>;
  /** Opens a conversation; returns its id. */
  open(visitor: string): string;
  /** A teammate writes a note. */
  teammateNotes(conversationId: string, text: string): void;
  /** The client of one process. */
  destination(process: Process, send: Send, random: Random): Destination;
  close(): Promise<void>;
}

export interface ChatOptions {
  clock: Clock;
  random: Random;
  watcher: Watcher;
}

const CALLS_AT_ONCE = 5;

export async function createChats(setting: Setting, options: ChatOptions): Promise<FaultyChat[]> {
  if (setting === 'crisp') return [await crisp(options)];
  if (setting === 'intercom') return [await intercom(options, null)];
  return [await intercom(options, 'first'), await intercom(options, 'second')];
}

async function intercom(
  { clock, random, watcher }: ChatOptions,
  workspace: string | null,
): Promise<FaultyChat> {
  const name = chatKey('intercom', workspace);
  const [own, other] = ['1', '2'].map((id) => ({ id, name: `Admin ${id}`, email: '' }));
  const simulator = createIntercomSimulator({
    accessToken: 'token',
    admins: [own!, other!],
    rateLimit: false,
    clock,
    random,
  });
  const { url } = await simulator.listen();
  // No conversation of one workspace has the id of one in the other.
  if (workspace === 'second') simulator.restore({ ...simulator.snapshot(), sequence: 1_000_000 });
  watchIntercom(simulator, own!.id, watcher);
  const authentication = { Authorization: 'Bearer token' };
  return {
    name,
    faults: simulator.faults,
    violations: () => described(simulator.journal.violations),
    authentication,
    open: (visitor) => simulator.visitorStarts({ external_id: visitor, text: 'Hello' }).id,
    teammateNotes(conversationId, text) {
      // Directly, past the network and its faults: a teammate does not use our API.
      simulator.adminNotes(conversationId, other!.id, text);
    },
    destination({ clock: own_ }, send, random_) {
      const pace = createPace({ clock: own_, maxConcurrent: CALLS_AT_ONCE });
      const parts = { baseUrl: url, send, pace, clock: own_, random: random_ };
      const destination = createIntercomDestination(createIntercomApi(parts), {
        author: async () => own!.id,
      });
      return { ...destination, chat: name };
    },
    close: () => simulator.close(),
  };
}

async function crisp({ clock, random, watcher }: ChatOptions): Promise<FaultyChat> {
  const websiteId = '5e1a6a3c-8d0e-4f4b-9c55-3d2a1c7b9e10';
  const token = { tier: 'plugin' as const, identifier: 'identifier', key: 'key' };
  const simulator = createCrispSimulator({
    websiteId,
    tokens: [token],
    dailyQuota: false,
    clock,
    random,
  });
  const { url } = await simulator.listen();
  watchCrisp(simulator, watcher);
  const basic = Buffer.from(`${token.identifier}:${token.key}`).toString('base64');
  return {
    name: 'crisp',
    faults: simulator.faults,
    violations: () => described(simulator.journal.violations),
    authentication: { Authorization: `Basic ${basic}`, 'X-Crisp-Tier': token.tier },
    open: (visitor) => simulator.visitorOpens({ nickname: visitor }).session_id,
    teammateNotes: (conversationId, text) => simulator.operatorNotes(conversationId, text),
    destination({ clock: own }, send, random_) {
      const pace = createPace({ clock: own, maxConcurrent: CALLS_AT_ONCE });
      const parts = { baseUrl: `${url}/v1`, websiteId, send, pace, clock: own, random: random_ };
      return createCrispDestination(createCrispApi(parts), token.key, 'Autoplay');
    },
    close: () => simulator.close(),
  };
}

const described = (violations: readonly Violation[]) =>
  violations.map(({ method, path, detail }) => `${method} ${path}: ${detail}`);
