import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { demo, posthogProject } from '../../simulators';
import { createBrowser, type SdkBrowser } from '../../simulators/posthog/sdk/browser';
import { el } from '../../simulators/posthog/sdk/dom';
import { systemClock } from '../../core/clock';
import { INTERCOM_TOPICS } from '../../core/intercom/webhook';
import { htmlWords } from '../../core/text/html';
import type { Workflow, WorkflowJson } from '../../tools/n8n';
import { eventually } from '../support/eventually';
import { createStage, type Stage } from '../support/stage';

// The chat flows with PostHog in the place of Autoplay, as they are shipped.

const save = el('button', { class: 'btn' }, el('span', {}, 'Save'));
const page = el('body', {}, el('main', {}, save));

let stage: Stage;
beforeAll(async () => {
  stage = await createStage(['intercom-posthog', 'crisp-posthog']);
  await listen(await stage.webhookUrl('intercom-posthog'));
  stage.crisp.hooks.subscribe({
    kind: 'website',
    url: `${await stage.webhookUrl('crisp-posthog')}?key=${encodeURIComponent(demo.crispHookKey)}`,
    events: ['message:send', 'message:received'],
  });
});
afterAll(() => stage?.stop());

/** Lets a workflow hear of what visitors write in Intercom. */
async function listen(url: string): Promise<void> {
  stage.intercom.webhooks.subscribe({
    url,
    topics: Object.values(INTERCOM_TOPICS),
    clientSecret: demo.intercomClientSecret,
  });
}

function byWebhook({ nodes }: WorkflowJson): void {
  const trigger = nodes.find(({ name }) => name === 'PostHog Activity')!;
  trigger.parameters = {
    source: 'webhook',
    customEvents: { events: [{ name: 'plan upgraded', properties: 'plan' }] },
  };
}

const browse = (): SdkBrowser =>
  createBrowser({
    capture: (event) => stage.posthog.capture(event),
    clock: systemClock,
    random: Math.random,
  });

/** A person whom Intercom knows by this id or address, and what is written in the conversation that they open. */
function writes(person: { external_id?: string; email: string }) {
  const { intercom } = stage;
  intercom.addContact({ ...person, name: 'Ann' });
  const { id } = intercom.visitorStarts({ ...person, text: 'Hello?' });
  return () =>
    intercom
      .conversation(id)
      .parts.flatMap(({ part_type, body, redacted }) =>
        part_type === 'note' && !redacted ? [htmlWords(body ?? '')] : [],
      );
}

describe('the live stream', () => {
  it('brings what an identified visitor does as notes, which lead to the replay', async () => {
    await eventually(() => stage.posthog.live.subscribers() >= 2);
    const browser = browse();
    const tab = browser.tab();
    tab.view('/pricing?token=secret', 'Pricing | Northwind Boards', { ago: 900 });
    tab.rage(page, save);
    browser.identify('live-1');
    const notes = writes({ external_id: 'live-1', email: 'live1@example.com' });
    await eventually(() => notes().length === 1, 60, notes);
    expect(notes()[0]).toContain(
      '[1] User opened the Pricing page [2] User clicked Save button several times in a row on the Pricing page',
    );
    expect(notes()[0]).toContain(
      `Replay: ${stage.urls.posthog}/project/7/replay/${browser.sessionId}?t=`,
    );
    expect(notes()[0]).not.toContain('secret');
    tab.view('/billing', 'Billing | Northwind Boards');
    await eventually(() => notes().length === 2);
    expect(notes()[1]).toContain('[1] User opened the Billing page');
    expect(stage.intercom.journal.violations).toEqual([]);
    expect(stage.posthog.journal.violations).toEqual([]);
  });

  it('lets the bot in Crisp know, by the session that the site names', async () => {
    const browser = browse();
    const tab = browser.tab();
    tab.view('/export', 'Export | Northwind Boards', { ago: 900 });
    tab.rage(page, save);
    const { crisp, model } = stage;
    const data = { posthog_session_id: browser.sessionId, posthog_distinct_id: browser.deviceId };
    const { session_id } = crisp.visitorOpens({ nickname: 'Ann', data });
    const asked = () =>
      model.requests.flatMap(({ prompt }) => {
        const said = prompt.messages.findLast(({ role }) => role === 'user')?.text ?? '';
        return said.includes('<message>') ? [said] : [];
      });
    // A question that comes with the first action may be answered without it.
    await eventually(() => stage.posthog.journal.mutations.length > 0);
    await eventually(async () => {
      crisp.visitorWrites(session_id, 'Why does this not work?');
      const before = asked().length;
      await eventually(() => asked().length > before, 60);
      return asked()
        .at(-1)!
        .includes('clicked Save button several times in a row on the Export page');
    });
  });
});

describe('the webhook', () => {
  let workflow: Workflow;
  beforeAll(async () => {
    const { rest, workflows, credentials } = stage;
    // Both would tell the same conversations.
    await rest.unpublish(workflows['intercom-posthog'].id);
    const file = join(__dirname, '../../workflows/intercom-posthog.json');
    const json = JSON.parse(readFileSync(file, 'utf8')) as WorkflowJson;
    delete json.pinData;
    byWebhook(json);
    workflow = await rest.importWorkflow(json, { credentials });
    await rest.publish(workflow.id);
    await listen(await rest.webhookUrl(workflow, 'When a Visitor Writes'));
  });

  const functions = () =>
    stage.posthog.api.functions(posthogProject.id).filter(({ deleted }) => !deleted);

  it('is made in PostHog when the workflow is published, and brings addresses and events of the product', async () => {
    await eventually(() => functions().length === 1);
    const browser = browse();
    const tab = browser.tab();
    tab.view('/pricing', 'Pricing | Northwind Boards', { ago: 900 });
    browser.identify('hook-1', { email: 'hook1@example.com' });
    tab.custom('plan upgraded', { plan: 'team', card: '4242' });
    tab.click(page, save);
    // Intercom knows the person by the address alone.
    const notes = writes({ email: 'hook1@example.com' });
    const said = [
      'User opened the',
      'Plan upgraded (plan: team) on the',
      'User clicked Save button on the',
    ];
    // A busy machine takes deliveries in one by one, and then the title may come after what was done on its page.
    const all = () => notes().join(' ').toLowerCase();
    await eventually(
      () => said.every((one) => all().includes(`${one.toLowerCase()} pricing page`)),
      90,
      notes,
    );
    expect(all()).not.toContain('4242');
  });

  it('is removed from PostHog when the workflow is unpublished', async () => {
    await stage.rest.unpublish(workflow.id);
    await eventually(() => functions().length === 0);
    expect(stage.posthog.journal.violations).toEqual([]);
  });
});
