import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { demo, posthogKeys, posthogProject } from '../../simulators/demo';
import { createPosthogSimulator } from '../../simulators/posthog';
import { signatureHeaders } from '../../simulators/posthog/api/signing';
import type { SdkEvent } from '../../simulators/posthog/capture/body';
import { createRandom, uuid } from '../../simulators/random';
import type { Run } from '../types';
import { eventId, OWN_EVENT, visits } from './posthogLoad';
import { createStage, type Stage } from './stage';
import { watchUsage } from './usage';

const TRIGGER = 'PostHog Activity';
/** How many sessions take turns. */
const SESSIONS = 1_000;
const TICK_MS = 5;
/** How long what was sent last may take to be remembered. */
const PATIENCE_MS = 60_000;

export interface PosthogStage extends Stage {
  posthog: ReturnType<typeof createPosthogSimulator>;
}

/** Runs n8n with the shipped workflow for Intercom with PostHog, and a simulated PostHog. @param env more variables for n8n */
export async function withPosthogStage<T>(
  source: 'stream' | 'webhook',
  { progress, signal }: Pick<Run, 'progress' | 'signal'>,
  work: (stage: PosthogStage) => Promise<T>,
  env: Record<string, string> = {},
): Promise<T> {
  progress(`starting n8n (${source})`);
  await using started = new AsyncDisposableStack();
  const posthog = createPosthogSimulator({
    projects: [posthogProject],
    keys: posthogKeys,
    journalSize: 1,
  });
  started.defer(() => posthog.close());
  const { url } = await posthog.listen();
  const stage = await createStage({
    workflow: 'intercom-posthog',
    env,
    credentials: {
      posthogActivityApi: {
        ...{ region: 'custom', baseUrl: url, liveUrl: url, personalApiKey: demo.posthogKey },
        signingSecret: demo.posthogSigningSecret,
      },
    },
    change({ nodes }) {
      const { parameters } = nodes.find(({ name }) => name === TRIGGER)!;
      const events = [{ name: OWN_EVENT.name, properties: OWN_EVENT.properties.join() }];
      Object.assign(parameters, { source, registration: 'byHand', customEvents: { events } });
    },
  });
  started.defer(() => stage.stop());
  while (source === 'stream' && posthog.live.subscribers() === 0) await sleep(50, null, { signal });
  return await work(Object.assign(stage, { posthog }));
}

/** Numbered events of many sessions; each makes one action. */
function createEvents() {
  const templates = visits();
  const random = createRandom(5);
  const sessionIds = Array.from({ length: SESSIONS }, () => uuid(random));
  return (serial: number): SdkEvent => {
    const session = serial % SESSIONS;
    const { properties, ...event } = templates[serial % templates.length]!;
    const person = `person-${session}`;
    const own = { $session_id: sessionIds[session], $user_id: person, distinct_id: person };
    return {
      ...{ ...event, uuid: eventId(serial), distinct_id: person },
      properties: { ...properties, ...own },
    };
  };
}

/** How many of the sent actions the memory does not have in the end. */
async function lost(stage: Stage, sent: number, before: number, signal: AbortSignal) {
  const deadline = performance.now() + PATIENCE_MS;
  const stored = () => stage.disk().actions - before;
  while (stored() < sent && performance.now() < deadline) await sleep(250, null, { signal });
  return sent - stored();
}

/** Captures events at a rate, evenly, and returns what became of them. */
export async function streamAt(
  stage: PosthogStage,
  { rate, seconds, signal }: { rate: number; seconds: number; signal: AbortSignal },
): Promise<{ sent: number; dropped: number; lost: number }> {
  const event = createEvents();
  const before = stage.disk().actions;
  const total = rate * seconds;
  const began = performance.now();
  let sent = 0;
  while (sent < total) {
    const due = Math.min(total, Math.floor(((performance.now() - began) / 1_000) * rate));
    for (; sent < due; sent += 1) stage.posthog.capture(event(sent));
    await sleep(TICK_MS, null, { signal });
  }
  const { dropped } = stage.posthog.live.counts;
  return { sent, dropped, lost: await lost(stage, sent, before, signal) };
}

/** Delivers events to the trigger's webhook, so many at a time, and returns how they were acknowledged. */
export async function deliver(
  stage: PosthogStage,
  { count, atOnce, signal }: { count: number; atOnce: number; signal: AbortSignal },
) {
  const url = new URL(await stage.rest.webhookUrl(stage.workflow, TRIGGER));
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const event = createEvents();
  let serial = 0;
  const run = async (deliveries: number): Promise<{ times: number[]; refused: number }> => {
    const until = serial + deliveries;
    const times: number[] = [];
    let refused = 0;
    const one = async () => {
      while (serial < until) {
        signal.throwIfAborted();
        const body = bodyOf(event(serial++));
        const began = performance.now();
        const status = await post(url, agent, body);
        times.push(performance.now() - began);
        if (status !== 200) refused += 1;
      }
    };
    await Promise.all(Array.from({ length: atOnce }, one));
    return { times, refused };
  };
  try {
    const before = stage.disk().actions;
    const warmUp = Math.min(500, count);
    await run(warmUp);
    const watched = watchUsage(stage.pid);
    const measured = await run(count);
    const { cpuMs, wallMs } = watched();
    return {
      ...measured,
      cpuMs,
      seconds: wallMs / 1_000,
      lost: await lost(stage, warmUp + count, before, signal),
    };
  } finally {
    agent.destroy();
  }
}

/** What PostHog's template for webhooks sends of an event. */
function bodyOf({ event, uuid, distinct_id, properties }: SdkEvent): string {
  const { $elements_chain: elements_chain, ...others } = properties ?? {};
  const url = `https://eu.posthog.com/project/${posthogProject.id}/events/${uuid}`;
  return JSON.stringify({
    event: {
      ...{ uuid, event, distinct_id, url, elements_chain, properties: others },
      timestamp: new Date().toISOString(),
    },
    person: { id: uuid, properties: { email: `${distinct_id}@example.com` } },
  });
}

let deliveries = 0;

function post(url: URL, agent: Agent, body: string): Promise<number> {
  const id = eventId((deliveries += 1));
  const signed = signatureHeaders(body, demo.posthogSigningSecret, id, Date.now());
  const headers = {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    ...signed,
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
