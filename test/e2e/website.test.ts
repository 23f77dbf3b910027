import type { Browser, Page } from 'playwright-core';
import { INTERCOM_TOPICS } from '../../core/intercom/webhook';
import { htmlWords } from '../../core/text/html';
import { demo, people } from '../../simulators';
import { chatAs } from '../../simulators/crisp';
import { startBrowser } from '../support/browser';
import { eventually } from '../support/eventually';
import { createStage, type Stage } from '../support/stage';
import { openAsVisitor } from '../support/visitorBrowser';

let browser: Browser;
let stage: Stage;
let page: Page;

beforeAll(async () => {
  [browser, stage] = await Promise.all([
    startBrowser(),
    createStage(['intercom-posthog', 'crisp-posthog'], { source: 'posthog' }),
  ]);
  const { intercom, crisp, urls } = stage;
  intercom.webhooks.subscribe({
    url: await stage.webhookUrl('intercom-posthog'),
    topics: Object.values(INTERCOM_TOPICS),
    clientSecret: demo.intercomClientSecret,
  });
  const url = `${await stage.webhookUrl('crisp-posthog')}?key=${demo.crispHookKey}`;
  crisp.hooks.subscribe({ kind: 'website', url });
  await eventually(stage.someoneListens);
  page = await openAsVisitor(browser, urls.inbox);
});
afterAll(async () => {
  await browser?.close();
  await stage?.stop();
});

const loaded = () =>
  eventually(() => page.evaluate<boolean>('window.posthog?.__loaded === true').catch(() => false));

it('what a person does in a browser becomes notes in their conversation', async () => {
  await page.goto('/site/signup?token=secret');
  await loaded();
  await page.getByLabel('Work email').fill('jonas@fjordworks.example');
  await page.getByLabel('Password').fill('correct horse');
  await page.getByRole('button', { name: 'Sign up' }).click();
  await page.waitForURL('**/site/dashboard');
  await loaded();
  const { id } = stage.intercom.visitorStarts({ external_id: '71', text: 'It does not work' });
  await page.getByRole('navigation').getByRole('link', { name: 'Export' }).click();
  await page.getByRole('button', { name: 'Export' }).click({ clickCount: 3 });

  const notes = () =>
    stage.intercom.conversation(id).parts.map(({ body }) => htmlWords(body ?? ''));
  const told = () =>
    notes().flatMap((note) =>
      [...note.matchAll(/\[\d+\] (.*?)(?= \[\d+\] | Replay: |$)/g)].map(([, line]) => line),
    );
  await eventually(() => told().some((line) => line?.includes('several times')), 60, notes);
  expect(told()).toEqual(
    expect.arrayContaining([
      'User opened the Create your account page',
      'User changed Work email field on the Create your account page',
      'User clicked Sign up button on the Create your account page',
      'User opened the Dashboard page',
      'User clicked Export link on the Dashboard page',
      'User opened the Export page',
      'User clicked Export button several times in a row on the Export page',
    ]),
  );
  expect(notes().join()).not.toMatch(/correct horse|fjordworks|secret/);
  expect(stage.posthog.journal.violations).toEqual([]);
});

it('the bot in Crisp answers with what the person has just done there', async () => {
  const jonas = people.find(({ id }) => id === '71')!;
  const { session_id } = chatAs(
    stage.crisp,
    stage.crowd,
    jonas,
    'Why does this not work?',
  ).conversation;
  const answers = () =>
    stage.crisp
      .conversation(session_id)
      .messages.filter(({ from }) => from === 'operator')
      .map(({ content }) => content);
  await eventually(() => answers().length > 0, 60, answers);
  expect(answers().join()).toContain('Choose CSV or PDF');
  // A step that they have taken already.
  expect(answers().join()).not.toContain('Open the board');
});
