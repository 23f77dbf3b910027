import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { posthogProject } from '../../simulators';
import { oldestN8n, type WorkflowJson } from '../../tools/n8n';
import { repositoryFolder } from '../../tools/n8n/node24';
import { createCrispWorld, type CrispWorld } from '../support/crispWorld';
import { eventually } from '../support/eventually';
import { createStage, type Stage } from '../support/stage';
import { createWorld, THRESHOLD, type World } from '../support/world';

// The oldest n8n that the package claims to work with: both flows, once through. Everything else runs on the newest.

let stage: Stage;
let intercom: World;
let crisp: CrispWorld;
beforeAll(async () => {
  stage = await createStage(['crisp', 'intercom'], { manifestFolder: oldestN8n });
  intercom = await createWorld({}, stage);
  crisp = await createCrispWorld({}, stage);
});
afterAll(() => (crisp ?? stage)?.stop());

const readJson = (...path: string[]) =>
  JSON.parse(readFileSync(join(repositoryFolder, ...path), 'utf8')) as Record<string, any>;

it('is the version that the package names', async () => {
  const { dependencies } = readJson('tools/n8n/oldest/package.json');
  const { peerDependencies } = readJson('package.json');
  expect(peerDependencies['n8n-workflow']).toBe(`>=${dependencies.n8n}`);
  const { versionCli } = await stage.rest.request<{ versionCli: string }>('GET', '/rest/settings');
  expect(versionCli).toBe(dependencies.n8n);
});

it('has every node of the shipped workflows, in the version they use', async () => {
  const types = await stage.rest.nodeTypes();
  const nodes = ['intercom', 'crisp', 'forget', 'intercom-posthog', 'crisp-posthog'].flatMap(
    (name) =>
      readJson('workflows', `${name}.json`).nodes as { type: string; typeVersion: number }[],
  );
  const lacking = nodes.filter(
    ({ type, typeVersion }) =>
      !types.some(({ name, version }) => name === type && [version].flat().includes(typeVersion)),
  );
  expect(lacking).toEqual([]);
});

it('tells Intercom what a visitor does, and puts a summary in its place', async () => {
  const visitor = await intercom.linkedVisitor();
  visitor.act('went on');
  await eventually(() => visitor.told().length === 2);
  expect(visitor.told()).toEqual([['came'], ['went on']]);
  visitor.act(...Array.from({ length: THRESHOLD - 2 }, (_, i) => `action ${i + 1}`));
  await visitor.summedUp();
  expect(stage.intercom.journal.violations).toEqual([]);
});

it('answers in Crisp with what the visitor did', async () => {
  const visitor = crisp.newVisitor();
  await eventually(stage.someoneListens);
  await visitor.acted('tried an export');
  visitor.write('Why does this not work?');
  await eventually(() => visitor.replies().length === 1);
  const [question] = crisp.questions();
  expect(question).toMatchObject({
    activity: expect.stringContaining('tried an export'),
    message: 'Why does this not work?',
  });
  expect(stage.crisp.journal.violations).toEqual([]);
});

it('follows PostHog by its live stream, and by its webhook', async () => {
  const { rest, credentials, posthog } = stage;
  const started = async (parameters: object) => {
    const json = readJson('workflows', 'intercom-posthog.json') as unknown as WorkflowJson;
    json.settings = { ...json.settings, saveDataSuccessExecution: 'all' };
    delete json.pinData;
    const trigger = json.nodes.find(({ name }) => name === 'PostHog Activity')!;
    trigger.parameters = { ...trigger.parameters, ...parameters };
    const workflow = await rest.importWorkflow(json, { credentials });
    await rest.publish(workflow.id);
    const views = () =>
      posthog.capture({
        event: '$pageview',
        distinct_id: 'u_42',
        properties: { $session_id: `session ${workflow.id}`, $is_identified: true, title: 'Plans' },
      });
    return { id: workflow.id, views };
  };
  const ended = async (id: string) =>
    (await rest.executions({ workflowId: id, status: ['success', 'error'] })).map(
      ({ status }) => status,
    );

  const live = await started({});
  await eventually(() => posthog.live.subscribers() === 1);
  live.views();
  // The first is a wake-up.
  await eventually(async () => (await ended(live.id)).length >= 2);
  expect(await ended(live.id)).not.toContain('error');
  await rest.unpublish(live.id);
  await eventually(() => posthog.live.subscribers() === 0);

  const functions = () =>
    posthog.api.functions(posthogProject.id).filter(({ deleted }) => !deleted);
  expect(functions()).toEqual([]);
  const hook = await started({ source: 'webhook' });
  expect(functions()).toHaveLength(1);
  hook.views();
  await eventually(async () => (await ended(hook.id)).length >= 2);
  expect(await ended(hook.id)).not.toContain('error');
  await rest.unpublish(hook.id);
  expect(functions()).toEqual([]);
});

it('shows nothing as failed, and stops in order', async () => {
  expect(await stage.executionsOf('intercom', ['error', 'crashed'])).toEqual([]);
  expect(await stage.executionsOf('crisp', ['error', 'crashed'])).toEqual([]);
  expect(await stage.n8n.stop()).toEqual({ code: 0, signal: null });
});
