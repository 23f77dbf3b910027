import type { IDataObject, IRun } from 'n8n-workflow';
import { listenToSteps } from '../../nodes/shared/signals';
import type { WorkflowJson } from '../../tools/n8n';
import { runWorkflow } from '../support/runWorkflow';

// Remember and Detect Moments as n8n runs them, on the real memory. Time is the machine's; actions happened before.

const PACKAGE = 'n8n-nodes-autoplay';
let names = 0;

/** A workflow with a memory of its own. */
function flow(rules?: IDataObject[]) {
  const name = `moments ${process.pid} ${++names}`;
  const node = (title: string, type: string, parameters: IDataObject = {}) => ({
    ...{ id: title, name: title, type: `${PACKAGE}.${type}`, typeVersion: 1.1 },
    ...{ position: [0, 0], parameters },
  });
  const to = (next: string) => ({ main: [[{ node: next, type: 'main', index: 0 }]] });
  const json = {
    name,
    nodes: [
      node('Remember', 'autoplaySessionMemory'),
      node('Detect', 'autoplayDetectMoments', rules ? { rules: { rule: rules } } : {}),
    ],
    connections: { Remember: to('Detect') },
  } as unknown as WorkflowJson;
  const run = async (...items: IDataObject[]) =>
    await runWorkflow(json, { start: 'Remember', items, credentials: {} });
  return { name, run };
}

/** What the step let through. @throws what the execution failed with */
function itemsOf({ data }: IRun): IDataObject[] {
  const { error, runData } = data.resultData;
  if (error) throw error;
  return (runData.Detect?.[0]?.data?.main?.[0] ?? []).map(({ json }) => json);
}

/** An item with actions that happened so many seconds ago: `3 /pricing click Save`. */
function acted(session_id: string, lines: string[], more: IDataObject = {}): IDataObject {
  const now = Date.now() / 1_000;
  const actions = lines.map((line) => {
    const [ago, page, type, ...title] = line.split(' ');
    const address = `https://shop.example${page}`;
    const at = { timestamp_start: now - Number(ago), timestamp_end: now - Number(ago) };
    const said = { type, title: title.join(' '), description: `User did ${title.join(' ')}` };
    return { ...at, ...said, raw_url: address, canonical_url: address };
  });
  const ids = { product_id: 'shop', session_id, user_id: null, email: null };
  return { type: 'actions', ...ids, actions, count: actions.length, forwarded_at: now, ...more };
}

const rage = ['9 /pricing pageview Pricing', '8 /pricing click Save', '7.7 /pricing click Save'];

it('lets a moment through once, with what shows it and whose it is', async () => {
  const { run } = flow();
  const item = acted('s1', [...rage, '7.4 /pricing click Save'], { user_id: 'ann' });
  const [moment, ...others] = itemsOf(await run(item));
  expect(others).toEqual([]);
  expect(moment).toMatchObject({
    ...{ type: 'moment', rule: 'rage_click', name: 'Rage Clicks', page: '/pricing' },
    ...{ product_id: 'shop', session_id: 's1', user_id: 'ann', email: null, strength: 1 },
    evidence: expect.arrayContaining([expect.objectContaining({ title: 'Save' })]),
  });
  expect(Date.parse(String(moment!.at))).toBeLessThan(Date.now() - 7_000);
  expect(itemsOf(await run(item))).toEqual([]);
  expect(itemsOf(await run(acted('s1', ['1 /pricing click Other'])))).toEqual([]);
});

it('fires while nobody acts: it plans to look, and finds the session by a wake-up', async () => {
  const { name, run } = flow([{ rule: 'dwell', afterSeconds: 10 }]);
  const planned: number[] = [];
  const nothing = () => {};
  const unlisten = listenToSteps(name, {
    ...{ failed: nothing, leftForLater: nothing, problem: nothing, release: nothing },
    lookAgainAt: (time, withinMs) => void (withinMs === 250 && planned.push(time)),
  });
  const entered = Date.now() - 9_000;
  expect(itemsOf(await run(acted('s2', ['9 /pricing pageview Pricing'])))).toEqual([]);
  expect(planned.at(-1)! - entered).toBeGreaterThan(9_900);
  expect(planned.at(-1)! - entered).toBeLessThan(10_500);
  // The memory's thread has a clock of its own, so the time has to come.
  await new Promise((resolve) => setTimeout(resolve, planned.at(-1)! - Date.now()));
  const woken = { type: 'wake_up', product_id: '', only_due: true };
  expect(itemsOf(await run(woken))).toMatchObject([{ rule: 'dwell', session_id: 's2' }]);
  expect(itemsOf(await run(woken))).toEqual([]);
  unlisten();
});

it('reads each rule with its own scope, and refuses a pattern that cannot be used', async () => {
  const item = acted('s3', [...rage, '7.4 /pricing click Save']);
  const elsewhere = flow([{ rule: 'rage_click', pages: '/settings/*, /home' }]);
  expect(itemsOf(await elsewhere.run(item))).toEqual([]);
  const here = flow([{ rule: 'rage_click', pages: '/pricing', name: 'Angry' }]);
  expect(itemsOf(await here.run(item))).toMatchObject([{ name: 'Angry' }]);
  const patient = flow([{ rule: 'rage_click', clicks: '4' }]);
  expect(itemsOf(await patient.run(item))).toEqual([]);
  const { data } = await flow([{ rule: 'rage_click', pages: '/a?b' }]).run(item);
  expect(data.resultData.error?.message).toMatch(/"Rage Clicks" cannot be used/);
});

it('remembers persons for rules about them, and finds a session of another day', async () => {
  const { run } = flow([{ rule: 'nth_visit', visits: 2, pages: '/pricing' }]);
  const visit = (session: string) =>
    acted(session, ['9 /pricing pageview Pricing'], { user_id: 'bob' });
  expect(itemsOf(await run(visit('day 1')))).toEqual([]);
  expect(itemsOf(await run(visit('day 2')))).toMatchObject([{ rule: 'nth_visit', user_id: 'bob' }]);
});
