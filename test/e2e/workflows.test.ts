import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { demo } from '../../simulators';
import { addSamples } from '../../tools/demo/samples';
import type { WorkflowJson } from '../../tools/n8n';
import { describe as describeType } from '../../tools/n8n/workflowJson';
import { openEditor, startBrowser } from '../support/browser';
import { createEditor, type Editor } from '../support/editor';
import { eventually } from '../support/eventually';
import { createFrames, createStage, type Stage } from '../support/stage';

/** Every shipped workflow as its users get it: by a file, into the editor, and by the button Publish. */

const folder = join(__dirname, '../../workflows');
const files = readdirSync(folder).map((name) => name.replace('.json', ''));
const read = (name: string) =>
  JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as WorkflowJson;
const stepsOf = (name: string) =>
  read(name).nodes.flatMap(({ name, type }) => (type.endsWith('.stickyNote') ? [] : [name]));
const connectionsOf = (name: string) =>
  JSON.stringify(read(name).connections).match(/"node":/g)!.length;

let stage: Stage;
let browser: Browser;
let editor: Editor;
beforeAll(async () => {
  const httpBasicAuth = { user: 'privacy', password: 'a long password' };
  stage = await createStage([], { withoutCredentials: true, credentials: { httpBasicAuth } });
  browser = await startBrowser();
  editor = createEditor(await openEditor(browser, stage));
});
afterAll(async () => {
  await browser?.close();
  await stage?.stop();
});

describe.each(files)('workflows/%s.json, imported before there are credentials', (name) => {
  it('is there as a whole, on one screen, and lacks credentials and nothing else', async () => {
    await editor.importFile(name);
    expect((await editor.steps()).sort()).toEqual(stepsOf(name).sort());
    expect(await editor.connections()).toBe(connectionsOf(name));
    expect(await editor.messages()).toEqual([]);

    expect(await editor.zoomToFit()).toBeGreaterThan(0.65);
    expect(await editor.cutOff()).toEqual([]);

    // That it is the credentials they lack shows below: with them, no sign is left.
    const types = await stage.rest.nodeTypes();
    const flagged = await editor.flagged();
    expect(flagged.length).toBeGreaterThan(0);
    for (const step of flagged) {
      const node = read(name).nodes.find((one) => one.name === step)!;
      expect([step, describeType(node, types)?.credentials]).toEqual([step, expect.anything()]);
    }
  });
});

describe('with credentials', () => {
  beforeAll(() => stage.createCredentials());
  const ids: Record<string, string> = {};

  it.each(files)('workflows/%s.json can be published at once', async (name) => {
    await editor.importFile(name);
    expect(await editor.flagged()).toEqual([]);
    await editor.publish();
    ids[name] = await editor.workflowId();
    const { triggers } = await stage.rest.waitUntilPublished(ids[name]);
    expect(triggers.filter(({ errorMessage }) => errorMessage)).toEqual([]);
  });

  /** The outcome of a test run in the editor that begins at a trigger, and the steps that ran. */
  async function execute(name: string, trigger: string) {
    const id = await stage.rest.runManually(ids[name]!, trigger);
    const ended = async () => {
      const listed = await stage.rest.executions({ workflowId: ids[name]! });
      return listed.some((one) => one.id === id && !['new', 'running'].includes(one.status));
    };
    await eventually(ended);
    const { status, data } = await stage.rest.execution(id);
    return { status, steps: Object.keys(data.resultData.runData) };
  }

  it.each<[string, string[], outcome: string, without: string[]]>([
    ['intercom', ['Autoplay Stream', 'When a Visitor Writes'], 'success', []],
    [
      'crisp',
      ['Autoplay Stream', 'When a Visitor Writes'],
      'success',
      ['Send Fallback', 'Show as Failed'],
    ],
    [
      'agent',
      ['Autoplay Stream'],
      'success',
      [
        'When a Teammate Asks',
        'Answer',
        'Chat Model',
        'Conversation Memory',
        'Recall Activity',
        'List Sessions',
      ],
    ],
    // The form's last page waits to be seen. The note of the sample visitor in Intercom goes.
    ['forget', ['Forget Form'], 'waiting', ['Delete in Crisp']],
  ])(
    'workflows/%s.json runs in the editor on its sample data, while it is published',
    async (name, triggers, outcome, without) => {
      addSamples(folder, stage);
      const ran = new Set<string>();
      for (const trigger of triggers) {
        const { status, steps } = await execute(name, trigger);
        expect([trigger, status]).toEqual([trigger, outcome]);
        steps.forEach((step) => ran.add(step));
      }
      expect(stepsOf(name).filter((step) => !ran.has(step))).toEqual(without);
    },
  );

  describe('the agent', () => {
    const newVisitor = (number: number) => {
      const visitor = {
        sessionId: `asked-session-${number}`,
        id: `asked-${number}`,
        email: `asked${number}@example.com`,
      };
      const frame = createFrames(visitor);
      const act = (...said: string[]) => stage.connector.send(demo.productId, frame(said));
      return { ...visitor, act };
    };
    /** What tools told the model so far. */
    const told = () =>
      stage.model.requests.flatMap(({ prompt }) =>
        prompt.messages.flatMap(({ role, text }) => (role === 'tool' ? [text] : [])),
      );

    it('looks up the visitor it is asked about, and tells of nobody else', async () => {
      await editor.page.goto(`/workflow/${ids.agent!}`);
      const [ada, bob] = [newVisitor(1), newVisitor(2)];
      bob.act('User bought the secret plan');
      ada.act('User opened the export page', 'User clicked Export CSV');
      const remembered = () =>
        stage.rest.executions({ workflowId: ids.agent!, status: ['success'] });
      await eventually(async () => (await remembered()).length > 0);

      const answer = await editor.ask(`What has ${ada.email} been doing?`);
      expect(answer).toContain('the visitor opened the export page, then clicked Export CSV.');
      expect(told()).toEqual([expect.stringContaining('no instructions')]);
      expect(told().join()).not.toMatch(/secret plan|asked2|asked-2|chatInput/);

      // By another name, and what happened since.
      ada.act('User saw an error');
      await eventually(async () => {
        const again = await editor.ask(`And what about user ${ada.id} now?`);
        return again.includes('then saw an error.');
      });
      const unknown = await editor.ask('What has nobody@example.com been doing?');
      expect(unknown).toContain('Nothing is remembered of this visitor.');
      expect(told().join()).not.toMatch(/secret plan|asked2|asked-2/);
    });

    it('is not there for anybody who is not logged in', async () => {
      const workflow = await stage.rest.getWorkflow(ids.agent!);
      const url = await stage.rest.webhookUrl(workflow, 'When a Teammate Asks');
      const asked = stage.model.requests.length;
      const body = {
        action: 'sendMessage',
        sessionId: 's',
        chatInput: 'What has asked1@example.com been doing?',
      };
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      });
      expect(response.status).toBe(401);
      const stranger = await fetch(url, { redirect: 'manual' });
      expect([301, 302, 303, 307]).toContain(stranger.status);
      expect(stage.model.requests.length).toBe(asked);
    });
  });
});
