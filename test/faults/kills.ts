import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { admins, demo } from '../../simulators';
import type { Effect, Faults } from '../../simulators/http/faults';
import { between, createRandom, pick, type Random } from '../../simulators/random';
import { setParameters, type WorkflowJson } from '../../tools/n8n';
import { eventually, pause } from '../support/eventually';
import { createFrames, createStage, type Stage } from '../support/stage';
import { createModel, type Model, type SessionModel } from './model';
import { summaryOf } from './summaries';
import { watchCrisp, watchIntercom } from './watch';

export interface KillOptions {
  kills: number;
  seed: number;
  /** Called with the progress. */
  log?: (line: string) => void;
}

const VISITORS_EACH = 5;
const THRESHOLD = 5;
/** The share of ends that are normal stops. */
const STOPS = 0.3;
/** Claims that a kill leaves behind must lapse first, and several slow faults may follow each. */
const PATIENCE_S = 300;
const LINK_WINDOW_S = 24 * 3_600;

/** How many in a thousand requests meet each kind of fault. */
const FAULTS: ReadonlyArray<[perThousand: number, effect: Effect]> = [
  [15, { kind: 'reset-before' }],
  [15, { kind: 'reset-after' }],
  [15, { kind: 'cut-after' }],
  [10, { kind: '500-after' }],
  [10, { kind: 'page' }],
  [10, { kind: 'status', status: 503 }],
  [10, { kind: 'status', status: 429, retryAfter: 1 }],
  [5, { kind: 'hang' }],
  [5, { kind: 'hang-after' }],
  [100, { kind: 'delay', ms: 700 }],
];

/**
 * Kills or stops a real n8n again and again while visitors act and calls fail. It runs the Intercom workflow and one
 * like it for notes in Crisp. A kill loses what n8n had received and not remembered yet, so the connector sends again
 * everything that is in no note yet. In the end, each action must be in exactly one note.
 *
 * @throws with the broken promises, and the seed
 */
export async function assertSurvivesKills({ kills, seed, log = () => {} }: KillOptions) {
  const random = createRandom(seed);
  const model = createModel();
  const change = (workflow: WorkflowJson) => {
    setParameters(workflow, 'Summarize Session', { threshold: THRESHOLD });
    // The model counts each action in a note, and knows of no conversation that people leave.
    const options = { linkWindow: LINK_WINDOW_S };
    setParameters(workflow, 'Deliver Activity', { pace: 'asItHappens', options });
    setParameters(workflow, 'Replace With Summary', { options: { keepLatest: 0 } });
  };
  const answer = ({ messages }: { messages: readonly { text: string }[] }) =>
    summaryOf(messages.map(({ text }) => text).join('\n'));
  const stage = await createStage(['intercom'], { own: true, change, answer });
  try {
    await addCrispNotes(stage, change);
    watchIntercom(stage.intercom, admins[0]!.id, model.watcher);
    watchCrisp(stage.crisp, model.watcher);
    const visitors = createVisitors(stage, model);
    const mend = [addFaults(stage.intercom.faults, random), addFaults(stage.crisp.faults, random)];
    const bothListen = () => stage.connector.stats(demo.productId).subscribers >= 2;

    let wasStopped = false;
    for (let kill = 0; kill <= kills; kill++) {
      await eventually(bothListen);
      // A normal stop loses nothing, so nothing is sent again.
      if (!wasStopped) visitors.forEach((visitor) => visitor.sendAgain());
      const until = Date.now() + 500 + random() * 7_500;
      while (Date.now() < until) {
        pick(random, visitors).act(between(random, 1, 3));
        await pause(random() * 150);
      }
      if (kill === kills) break;
      wasStopped = random() < STOPS;
      const [noted, made] = [total(visitors, 'noted'), total(visitors, 'made')];
      const what = wasStopped ? 'stop' : 'kill';
      log(`${what} ${kill + 1} of ${kills}: ${noted} of ${made} actions in notes`);
      // What was sent must arrive before the stop, which keeps only what arrived.
      if (wasStopped) await pause(1_000);
      await stage.restart({ kill: !wasStopped });
    }
    mend.flat().forEach((end) => end());
    // Without any new activity.
    await eventually(() => model.faults().length === 0, PATIENCE_S).catch(() => {});
    await pause(2_000);
    const faults = model.faults();
    if (faults.length > 0) throw new Error(`Seed ${seed}:\n${faults.join('\n')}`);
    return total(visitors, 'made');
  } finally {
    await stage.stop();
  }
}

const total = (visitors: ReturnType<typeof createVisitors>, what: 'noted' | 'made') =>
  visitors.reduce((sum, visitor) => sum + visitor[what](), 0);

function createVisitors(stage: Stage, model: Model) {
  return Array.from({ length: 2 * VISITORS_EACH }, (_, n) => {
    const identity = { sessionId: `s${n}`, id: `u${n}`, email: `u${n}@example.com` };
    const conversationId =
      n % 2 === 0
        ? stage.intercom.visitorStarts({ external_id: identity.id, text: 'Hello' }).id
        : stage.crisp.visitorOpens({ nickname: identity.id }).session_id;
    const session: SessionModel = model.session(identity.sessionId, conversationId);
    const thread = session.threads[0]!;
    thread.linked = true;
    const frameOf = createFrames(identity);
    /** Each frame, with the number of the session's actions up to its end. */
    const sent: Array<{ last: number; frame: object }> = [];
    const noted = () => thread.notes.reduce((sum, { lines }) => sum + lines.length, 0);
    const send = (frame: object) => stage.connector.send(demo.productId, frame);
    return {
      noted,
      made: () => session.remembered.length,
      act(count: number) {
        const made = session.remembered.length;
        const said = Array.from({ length: count }, (_, i) => `clicked ${n}-${made + i}`);
        session.remembered.push(...said);
        const frame = { ...frameOf(said), conversation_id: conversationId };
        sent.push({ last: session.remembered.length, frame });
        send(frame);
      },
      sendAgain() {
        const known = noted();
        for (const { last, frame } of sent) if (last > known) send(frame);
      },
    };
  });
}

/** The Intercom workflow with Crisp in its place, as docs/recipes/README.md describes it; the stream itself links. */
async function addCrispNotes(stage: Stage, change: (workflow: WorkflowJson) => void) {
  const file = join(__dirname, '../../workflows/intercom.json');
  const json = JSON.parse(readFileSync(file, 'utf8')) as WorkflowJson;
  change(json);
  for (const node of json.nodes) {
    if (!node.type.endsWith('.intercomConversation')) continue;
    node.type = node.type.replace('intercomConversation', 'crispConversation');
  }
  const webhook = ['When a Visitor Writes', 'Link Conversation', 'Sum Up the Visit'];
  json.nodes = json.nodes.filter(({ name }) => !webhook.includes(name));
  for (const name of webhook) delete json.connections[name];
  const named = { ...json, name: 'Autoplay: visitor activity in Crisp' };
  const workflow = await stage.rest.importWorkflow(named, { credentials: stage.credentials });
  await stage.rest.publish(workflow.id);
}

function addFaults(faults: Faults, random: Random): Array<() => void> {
  return FAULTS.map(([perThousand, effect]) =>
    faults.add({ match: () => random() * 1_000 < perThousand, times: Infinity, effect }),
  );
}
