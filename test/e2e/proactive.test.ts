import { INTERCOM_TOPICS } from '../../core/intercom/webhook';
import { demo } from '../../simulators';
import { crispRecipient, intercomRecipient, type Recipient } from '../../simulators/recipients';
import { outputOf, setParameters, type WorkflowJson } from '../../tools/n8n';
import { eventually, pause } from '../support/eventually';
import { createQueueStage } from '../support/queueStage';
import { createFrames, createStage, type Stage } from '../support/stage';

// The shipped workflows that offer help, in a real n8n: from what a visitor does to the answer to what they chose.

const PROACTIVE = ['proactive-intercom', 'proactive-crisp'] as const;
/** Without what would make a test wait, or leave a visitor out by chance. */
const NO_WAITING = { earliestSeconds: 0, holdoutPercent: 0 };
const DWELL_SECONDS = 20;

function live(json: WorkflowJson): void {
  setParameters(json, 'Make an Offer', { observeOnly: false, manners: NO_WAITING });
  const rules = [{ rule: 'rage_click' }, { rule: 'dwell', afterSeconds: DWELL_SECONDS }];
  setParameters(json, 'Detect Moments', { rules: { rule: rules } });
}

/** Calls both chat products where the workflows listen. */
async function subscribe(stage: Stage): Promise<void> {
  const { intercom, crisp, rest, workflows } = stage;
  const urlOf = async (name: (typeof PROACTIVE)[number]) =>
    await rest.webhookUrl(workflows[name], 'When a Visitor Answers');
  intercom.webhooks.subscribe({
    url: await urlOf('proactive-intercom'),
    topics: Object.values(INTERCOM_TOPICS),
    clientSecret: demo.intercomClientSecret,
  });
  crisp.hooks.subscribe({
    kind: 'website',
    url: `${await urlOf('proactive-crisp')}?key=${encodeURIComponent(demo.crispHookKey)}`,
    events: ['message:send', 'message:updated', 'session:set_data'],
  });
}

let visitors = 0;

/** A visitor of the site, who has both chats before them and has never written. */
function newVisitor({ connector, crisp, intercom }: Stage) {
  const number = `${process.pid}-${++visitors}`;
  const identity = {
    ...{ id: `stuck-${number}`, sessionId: `stuck-session-${number}` },
    email: `stuck${number}@example.com`,
  };
  const contact = intercom.addContact({ external_id: identity.id, email: identity.email });
  const { session_id } = crisp.visitorArrives({});
  // What the site's snippet does.
  const ids = { posthog_session_id: identity.sessionId, posthog_distinct_id: identity.id };
  crisp.setSessionData(session_id, ids);
  const frame = createFrames(identity);
  const on = (page: string, type: string, title: string, ago = 0) => ({
    ...{ description: `User ${type}ed ${title}`, title, type, canonical_url: page, raw_url: page },
    timestamp_start: Date.now() / 1_000 - ago,
  });
  const act = (...described: Parameters<typeof frame>[0]) =>
    connector.send(demo.productId, frame(described));
  return {
    ...identity,
    byChat: {
      'proactive-intercom': intercomRecipient(intercom, contact.id),
      'proactive-crisp': crispRecipient(crisp, session_id),
    } satisfies Record<(typeof PROACTIVE)[number], Recipient>,
    opens: (page: string) => act(on(page, 'pageview', 'Page')),
    clicksInRage(page = '/export') {
      act(on(page, 'pageview', 'Export', 3));
      act(...[2, 1.7, 1.4].map((ago) => on(page, 'click', 'Download', ago)));
    },
  };
}

const choiceOf = (recipient: Recipient, label: string) => {
  const [offer] = recipient.offers();
  return { offer: offer!, choice: offer!.choices.find((one) => one.label === label)! };
};

/** What a failed wait shows. */
async function shownBy({ rest, logs, executionsOf }: Stage, name: (typeof PROACTIVE)[number]) {
  const out = [];
  for (const { id, status } of (await executionsOf(name)).slice(0, 6)) {
    const { runData, error } = (await rest.execution(id)).data.resultData;
    const steps = Object.entries(runData).map(([step, runs]) => {
      const items = runs.flatMap((run) => run.data?.main ?? []).map((some) => some?.length ?? 0);
      const [reason] = outputOf({ data: { resultData: { runData } } }, step, 1);
      return `${step}: ${items.join('/')} ${reason?.reason ?? ''}`;
    });
    out.push([id, status, error?.message, ...steps].join(' · '));
  }
  return { executions: out, logs: logs.slice(-10) };
}

describe('a visitor who gets stuck', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await createStage(PROACTIVE, { change: live });
    await subscribe(stage);
    await eventually(stage.someoneListens);
  });
  afterAll(() => stage?.stop());

  it.each(PROACTIVE)('is offered help and answered from what they did: %s', async (name) => {
    const visitor = newVisitor(stage);
    const recipient = visitor.byChat[name];
    visitor.clicksInRage();
    await eventually(
      () => recipient.offers().length === 1,
      60,
      () => shownBy(stage, name),
    );
    const [offer] = recipient.offers();
    expect(offer).toMatchObject({
      text: 'Does something not react? I can help you right here.',
      choices: [{ label: 'Yes, please' }, { label: 'Talk to a person' }, { label: 'No, thanks' }],
    });
    const { choice } = choiceOf(recipient, 'Yes, please');
    recipient.tap(offer!, choice.id);
    await eventually(() => recipient.heard().length > 1);
    expect(recipient.heard().at(-1)).toMatch(/Download/);

    // Once is enough, whatever happens next.
    visitor.clicksInRage('/import');
    await pause(4_000);
    expect(recipient.offers()).toHaveLength(1);
    expect(recipient.heard().length).toBeLessThanOrEqual(3);
  });

  it.each(PROACTIVE)(
    'is left alone after a no, and a person is announced on wish: %s',
    async (name) => {
      const [one, other] = [newVisitor(stage), newVisitor(stage)];
      one.clicksInRage();
      other.clicksInRage();
      const [refuses, asks] = [one.byChat[name], other.byChat[name]];
      await eventually(() => refuses.offers().length === 1 && asks.offers().length === 1);
      const no = choiceOf(refuses, 'No, thanks');
      refuses.tap(no.offer, no.choice.id);
      const before = refuses.heard().length;
      const person = choiceOf(asks, 'Talk to a person');
      asks.tap(person.offer, person.choice.id);
      await eventually(() =>
        asks.heard().some((said) => said.startsWith('A person from our team')),
      );
      expect(refuses.heard()).toHaveLength(before);
      expect(await stage.executionsOf(name, ['error', 'crashed'])).toEqual([]);
    },
  );

  it('is not disturbed while they talk to somebody', async () => {
    const visitor = newVisitor(stage);
    const { 'proactive-intercom': intercom, 'proactive-crisp': crisp } = visitor.byChat;
    crisp.type('Hello, I have a question');
    intercom.type('Hello, I have a question');
    visitor.clicksInRage();
    await pause(5_000);
    expect([crisp.offers(), intercom.offers()]).toEqual([[], []]);
  });

  it('who does nothing more is offered help at its time, while nobody acts', async () => {
    const visitor = newVisitor(stage);
    const recipient = visitor.byChat['proactive-crisp'];
    const entered = Date.now();
    visitor.opens('/pricing');
    await eventually(() => recipient.offers().length === 1, 60);
    const tookMs = Date.now() - entered;
    expect(recipient.offers()[0]!.text).toBe('Want a quick tip for this page?');
    expect(tookMs).toBeGreaterThanOrEqual(DWELL_SECONDS * 1_000 - 100);
    // The step and Crisp take their time, and the machine may be busy.
    expect(tookMs).toBeLessThan(DWELL_SECONDS * 1_000 + 8_000);
  });
});

it('as it is shipped, nothing is sent, and what would have been is counted', async () => {
  const observe = (json: WorkflowJson) =>
    setParameters(json, 'Make an Offer', { manners: NO_WAITING });
  const stage = await createStage(PROACTIVE, { change: observe });
  await using stack = new AsyncDisposableStack();
  stack.defer(() => stage.stop());
  await subscribe(stage);
  await eventually(stage.someoneListens);
  const visitor = newVisitor(stage);
  visitor.clicksInRage();
  const decided = async () => {
    const executions = await stage.executionsOf('proactive-crisp');
    for (const { id } of executions) {
      const items = outputOf(await stage.rest.execution(id), 'Make an Offer', 1);
      if (items.length > 0) return items;
    }
    return [];
  };
  await eventually(async () => (await decided()).length === 1);
  expect((await decided())[0]).toMatchObject({ reason: 'observe_only' });
  const { 'proactive-intercom': intercom, 'proactive-crisp': crisp } = visitor.byChat;
  expect([crisp.offers(), intercom.offers()]).toEqual([[], []]);
});

/** Has Crisp tell the workflow who is who, as the site's snippet makes it, and returns a visitor who stays on a page. */
async function dwellingVisitor(stage: Stage) {
  await eventually(stage.someoneListens);
  const { rest, workflows, crisp } = stage;
  const url = await rest.webhookUrl(workflows['proactive-crisp'], 'When a Visitor Answers');
  const keyed = `${url}?key=${encodeURIComponent(demo.crispHookKey)}`;
  crisp.hooks.subscribe({ kind: 'website', url: keyed, events: ['session:set_data'] });
  const visitor = newVisitor(stage);
  const entered = Date.now();
  visitor.opens('/pricing');
  const recipient = visitor.byChat['proactive-crisp'];
  return {
    recipient,
    /** How long after the visitor came they were offered help, in milliseconds. */
    async offeredAfter(): Promise<number> {
      await eventually(() => recipient.offers().length === 1, 120);
      return Date.now() - entered;
    },
  };
}

it('a restart of n8n in between changes nothing about when', async () => {
  const stage = await createStage(['proactive-crisp'], {
    own: true,
    change(json) {
      live(json);
      setParameters(json, 'Detect Moments', { rules: { rule: [{ rule: 'dwell' }] } });
    },
  });
  await using stack = new AsyncDisposableStack();
  stack.defer(() => stage.stop());
  const visitor = await dwellingVisitor(stage);
  await pause(5_000);
  await stage.restart({ kill: true });
  await eventually(stage.someoneListens);
  expect(visitor.recipient.offers()).toEqual([]);
  const tookMs = await visitor.offeredAfter();
  expect(tookMs).toBeGreaterThanOrEqual(59_900);
  expect(tookMs).toBeLessThan(70_000);
});

it('in queue mode, a worker offers help at its time while nobody acts', async () => {
  const queue = await createQueueStage(['proactive-crisp'], { workers: 1, change: live });
  await using stack = new AsyncDisposableStack();
  stack.defer(() => queue.stop());
  const visitor = await dwellingVisitor(queue.stage);
  const tookMs = await visitor.offeredAfter();
  expect(tookMs).toBeGreaterThanOrEqual(DWELL_SECONDS * 1_000 - 100);
  expect(tookMs).toBeLessThan(DWELL_SECONDS * 1_000 + 8_000);
});
