import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import type { Send, ServiceRequest, ServiceResponse } from '../../core/http/service';
import type { Effect, Faults } from '../../simulators/http/faults';
import { pick, type Random } from '../../simulators/random';
import type { Process, VirtualTime } from './time';

/** How long a client waits for an answer, in milliseconds; the same as in the nodes. */
const TIMEOUT_MS = 20_000;
/**
 * How long after its connection has ended a request may still be carried out, in milliseconds, because the network is
 * slow or the service does not notice. Delivery waits longer than that before it trusts that a note is missing.
 */
const LATEST_MS = 9_000;

/** What a simulator does to a request that reaches it. */
const EFFECTS: readonly Effect[] = [
  { kind: 'reset-before' },
  { kind: 'reset-after' },
  { kind: 'cut-after' },
  { kind: '500-after' },
  { kind: 'page' },
  { kind: 'hang' },
  { kind: 'hang-after' },
  { kind: 'status', status: 500 },
  { kind: 'status', status: 503, retryAfter: 2 },
  { kind: 'status', status: 429, retryAfter: 3 },
  { kind: 'status', status: 400 },
];

export interface NetworkOptions {
  time: VirtualTime;
  random: Random;
  faults: Faults;
}

/** Real HTTP to a simulator that fails at random, with delays in virtual time. */
export function createNetwork({ time, random, faults }: NetworkOptions) {
  const agent = new Agent({ keepAlive: true });
  let rate = 0;
  let down = false;
  let underWay = 0;
  const pause = (ms: number) =>
    new Promise<void>((resolve) => void time.clock.after(Math.round(ms), resolve));
  const goesWrong = () => random() < rate;

  /** Carries a request out, also when its client has given up. */
  async function carry(request: ServiceRequest, up: number): Promise<ServiceResponse> {
    underWay += 1;
    try {
      await pause(up);
      const effect = goesWrong() ? pick(random, EFFECTS) : undefined;
      const response = await time.holding(() => exchange(agent, faults, request, effect));
      await pause(random() * 300);
      return response;
    } finally {
      underWay -= 1;
    }
  }

  /** How long a request takes to reach the service, in milliseconds; now and then longer than its client waits. */
  function travelTime(): number {
    if (!goesWrong()) return random() * 300;
    return random() * (random() < 0.5 ? 3_000 : TIMEOUT_MS + LATEST_MS);
  }

  async function fail(ms: number, code: string): Promise<never> {
    await pause(ms);
    throw Object.assign(new TypeError(code), { code });
  }

  return {
    /** Sets the probability of each kind of fault, 0 to 1. */
    setRate: (next: number) => void (rate = next),
    /** While down, every connection is refused. */
    setDown: (next: boolean) => void (down = next),
    /** Whether no request is on its way or may still be carried out. */
    isIdle: () => underWay === 0,
    /** The function with which a process sends its requests. */
    sendOf:
      (process: Process, authentication: Record<string, string>): Send =>
      async (request) => {
        const headers = { ...request.headers, ...authentication };
        const way = travelTime();
        // A proxy breaks the connection, and the request still reaches the service.
        const isBroken = goesWrong() && random() < 0.2;
        const answer = down
          ? fail(random() * 50, 'ECONNREFUSED')
          : Promise.race([
              carry({ ...request, headers }, isBroken ? Math.min(way, LATEST_MS) : way),
              isBroken ? fail(random() * 200, 'ECONNRESET') : fail(TIMEOUT_MS, 'ETIMEDOUT'),
            ]);
        const outcome = await answer.then(
          (response) => () => response,
          (error: unknown) => () => {
            throw error;
          },
        );
        await process.awake();
        return outcome();
      },
    close: () => agent.destroy(),
  };
}

/** One request over a real socket. A fault that leaves it without an answer ends it with ETIMEDOUT. */
async function exchange(
  agent: Agent,
  faults: Faults,
  request: ServiceRequest,
  effect: Effect | undefined,
): Promise<ServiceResponse> {
  const received = Promise.withResolvers<void>();
  const match = () => {
    received.resolve();
    return effect !== undefined;
  };
  const forget = faults.add({ match, effect: effect ?? { kind: 'hang' } });
  const { response, end } = begin(agent, request);
  try {
    if (effect?.kind !== 'hang' && effect?.kind !== 'hang-after') return await response;
    // The request may also fail before the simulator receives it, on a connection that was closed meanwhile.
    await Promise.race([received.promise, response]);
    await new Promise((resolve) => setImmediate(resolve));
    end();
    throw Object.assign(new TypeError('no answer'), { code: 'ETIMEDOUT' });
  } finally {
    forget();
  }
}

function begin(agent: Agent, { method, url, headers, body }: ServiceRequest) {
  const { promise, resolve, reject } = Promise.withResolvers<ServiceResponse>();
  const text = body === undefined ? undefined : JSON.stringify(body);
  const type = text !== undefined && { 'Content-Type': 'application/json' };
  const outgoing = httpRequest(url, { method, agent, headers: { ...headers, ...type } });
  outgoing.on('error', reject);
  outgoing.on('response', (incoming) => void readAnswer(incoming).then(resolve, reject));
  outgoing.end(text);
  promise.catch(() => undefined);
  return { response: promise, end: () => outgoing.destroy() };
}

async function readAnswer(incoming: IncomingMessage): Promise<ServiceResponse> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  const headers = incoming.headers as Record<string, string>;
  const isJson = headers['content-type']?.includes('json') && text !== '';
  const body: unknown = isJson ? JSON.parse(text) : text;
  return { status: incoming.statusCode ?? 0, headers, body };
}
