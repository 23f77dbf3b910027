import { setTimeout as sleep } from 'node:timers/promises';
import { INTERCOM_TOPICS } from '../../core/intercom/webhook';
import { createVisitor, type Person } from '../../simulators/connector';
import { chatAs } from '../../simulators/crisp';
import { demo } from '../../simulators/demo';
import type { RequestEntry } from '../../simulators/http/journal';
import { chatPart } from '../../simulators/model';
import { pick, uuid7, type Random } from '../../simulators/random';
import type { Run } from '../types';
import { withStage, type Stage } from './stage';
import { median } from './statistics';
import { calmedDown, watchUsage } from './usage';

export type Product = 'intercom' | 'crisp';

/** A visitor of the site, with a session. */
export interface Visitor {
  person: Person;
  /** Does one thing, which the connector streams. */
  act(): void;
  /** Writes in the chat; returns the conversation's id. */
  write(): string;
}

/** A shipped workflow at its shipped pace in an n8n of its own, with the chat product's webhook, and what it has used. */
export interface CostStage extends Stage {
  product: Product;
  newVisitor(): Visitor;
  /** What was used while something happened and until n8n had nothing to do any more. */
  costOf(work: () => Promise<void>): Promise<Cost>;
}

const MESSAGES = [
  'Why does this not work?',
  'How do I export a board?',
  'What does the Team plan cost?',
  'How can I invite my colleagues?',
  'I am stuck here, can you help?',
  'Thanks, that was it!',
];
/** More requests than a run makes. */
const JOURNAL = 1_000_000;
const CALM_MS = 60_000;
/** How long a webhook, and a visitor, waits. */
export const PATIENCE_MS = 120_000;

/** Runs a shipped workflow as people run it. @param env more variables for n8n */
export async function withCostStage<T>(
  product: Product,
  run: Pick<Run, 'progress' | 'signal'>,
  random: Random,
  work: (stage: CostStage) => Promise<T>,
  env: Record<string, string> = {},
): Promise<T> {
  run.signal.throwIfAborted();
  const options = {
    ...{ workflow: product, asShipped: true, journalSize: JOURNAL },
    // Twenty visitors at once keep n8n busy for longer than Crisp waits; repeated hooks would hide how long.
    hookPatienceMs: PATIENCE_MS,
    env,
  };
  return await withStage(options, run, async (stage) => {
    const hook = await stage.rest.webhookUrl(stage.workflow, 'When a Visitor Writes');
    subscribe(stage, product, hook);
    let [people, messages] = [0, 0];
    const used = (): Used => ({ ...usedSoFar(stage, product), messages });
    const newOne = (): Visitor => {
      const visitor = newVisitor(stage, product, (people += 1), random);
      return {
        ...visitor,
        write() {
          messages += 1;
          return visitor.write();
        },
      };
    };
    return await work(
      Object.assign(stage, {
        product,
        newVisitor: newOne,
        async costOf(happens: () => Promise<void>): Promise<Cost> {
          const before = used();
          const watched = watchUsage(stage.pid);
          try {
            await happens();
            const deadline = performance.now() + CALM_MS;
            const left = () => deadline - performance.now();
            // n8n is calm as well while it waits for the model.
            do await calmedDown(stage.pid, left(), run.signal);
            while (product === 'crisp' && used().posts < messages && left() > 0);
          } catch (error) {
            watched();
            throw error;
          }
          const { cpuMs, wallMs } = watched();
          return { ...difference(used(), before), cpuMs, wallMs };
        },
      }),
    );
  });
}

function subscribe({ intercom, crisp }: Stage, product: Product, url: string): void {
  if (product === 'intercom') {
    const topics = Object.values(INTERCOM_TOPICS);
    intercom.webhooks.subscribe({ url, topics, clientSecret: demo.intercomClientSecret });
  } else {
    crisp.hooks.subscribe({ kind: 'website', url: `${url}?key=${demo.crispHookKey}` });
  }
}

function newVisitor(
  { connector, intercom, crisp }: Stage,
  product: Product,
  number: number,
  random: Random,
): Visitor {
  const id = `visitor-${number}`;
  const person = { id, name: `Visitor ${number}`, email: `${id}@example.com` };
  const sessionId = uuid7(random, Date.now());
  const { productId } = demo;
  const visitor = createVisitor({ person, sessionId, productId, random, now: Date.now });
  let conversation: string | undefined;
  const writeInIntercom = (text: string): string => {
    if (conversation) intercom.visitorReplies(conversation, text);
    return (conversation ??= intercom.visitorStarts({
      external_id: id,
      email: person.email,
      text,
    }).id);
  };
  const writeInCrisp = (text: string): string =>
    chatAs(crisp, { visitor: () => visitor }, person, text).conversation.session_id;
  return {
    person,
    act: () => connector.send(productId, visitor.next(1)),
    write() {
      const text = pick(random, MESSAGES);
      return product === 'crisp' ? writeInCrisp(text) : writeInIntercom(text);
    },
  };
}

const KINDS = ['posts', 'redactions', 'typing', 'lookups'] as const;

/** What visitors did, and what it took: calls, tokens, executions and bytes. */
export type Used = Record<
  | 'messages'
  | (typeof KINDS)[number]
  | `${'summary' | 'answer'}${'Calls' | 'Input' | 'Output'}`
  | 'actions'
  | 'executions'
  | 'memoryBytes'
  | 'n8nBytes',
  number
>;

/** The same for a span of time, with the CPU of n8n and how long it was. */
export type Cost = Used & { cpuMs: number; wallMs: number };

function usedSoFar(stage: Stage, product: Product): Omit<Used, 'messages'> {
  const calls = stage[product].journal.requests.map(kindOf);
  const { memoryBytes, n8nBytes, actions, executions } = stage.disk();
  return {
    ...Object.fromEntries(KINDS.map((kind) => [kind, calls.filter((one) => one === kind).length])),
    ...{ ...modelUse(stage, 'answer'), ...modelUse(stage, 'summary') },
    ...{ actions, executions, memoryBytes, n8nBytes },
  } as Omit<Used, 'messages'>;
}

/** What a call to a chat product is for: a note or a reply, taking a note away, the typing indicator, or reading. */
function kindOf({ method, path }: RequestEntry): (typeof KINDS)[number] {
  if (/\/(?:reply|message)$/.test(path) && method === 'POST') return 'posts';
  if (path.endsWith('/redact') || method === 'DELETE') return 'redactions';
  return path.endsWith('/compose') ? 'typing' : 'lookups';
}

function modelUse({ model }: Stage, kind: 'summary' | 'answer') {
  const asked = model.requests.filter(
    ({ prompt }) => (chatPart(prompt) ? 'answer' : 'summary') === kind,
  );
  const sum = (of: 'input' | 'output') =>
    asked.reduce((total, { usage }) => total + (usage?.[of] ?? 0), 0);
  return {
    [`${kind}Calls`]: asked.length,
    [`${kind}Input`]: sum('input'),
    [`${kind}Output`]: sum('output'),
  };
}

function difference(after: Used, before: Used): Used {
  const names = Object.keys(after) as Array<keyof Used>;
  return Object.fromEntries(names.map((name) => [name, after[name] - before[name]])) as Used;
}

/**
 * The share of a core that each n8n takes by itself: the median of seconds, because now and then it tidies up.
 * @param seconds how many are looked at
 */
export async function idleShare(
  stages: readonly Pick<Stage, 'pid'>[],
  seconds: number,
  signal: AbortSignal,
): Promise<number[]> {
  const shares = stages.map((): number[] => []);
  for (let second = 0; second < seconds; second += 1) {
    const watched = stages.map(({ pid }) => watchUsage(pid));
    try {
      await sleep(1_000, null, { signal });
    } finally {
      for (const [i, end] of watched.entries()) {
        const { cpuMs, wallMs } = end();
        shares[i]!.push(cpuMs / wallMs);
      }
    }
  }
  return shares.map(median);
}
