import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { openPage, startBrowser } from '../../tools/browser';
import { startSimulators, type Simulators } from '../../simulators';
import type { ProcessedEvent } from '../../simulators/posthog';
import { eventually } from '../support/eventually';
import { type Frame, readLiveStream } from '../support/liveFrames';
import { openAsVisitor } from '../support/visitorBrowser';

/** What a browser really sends, for tests of the code that reads it. `POSTHOG_FRAMES=1` writes it anew. */
const FIXTURE = join(__dirname, '../fixtures/posthog/browser.json');

let browser: Browser;
let simulators: Simulators;
let live: ReturnType<typeof readLiveStream>;
let page: Page;
const processed: ProcessedEvent[] = [];
/** Exceptions in pages, and resources that their policy blocked. */
const failures: string[] = [];

beforeAll(async () => {
  [browser, simulators] = await Promise.all([
    startBrowser(),
    startSimulators({ lively: false, source: 'posthog' }),
  ]);
  live = readLiveStream(simulators);
  simulators.posthog.onProcessed((event) => processed.push(event));
  await eventually(() => simulators.posthog.live.subscribers() === 1);
  page = await openAsVisitor(browser, simulators.urls.inbox);
  page.on('pageerror', ({ message }) => failures.push(message));
  page.on('console', (said) => said.type() === 'error' && failures.push(said.text()));
  await visit();
}, 300_000);
afterAll(async () => {
  await browser?.close();
  await live?.stop();
  await simulators?.stop();
});

const ready = () =>
  eventually(() => page.evaluate<boolean>('window.posthog?.__loaded === true').catch(() => false));
const button = (name: string) => page.getByRole('button', { name, exact: true });
const link = (name: string) =>
  page.getByRole('navigation').getByRole('link', { name, exact: true });

/** A visit as a person makes one: they look around, get angry, sign up, fail, and pay. */
async function visit(): Promise<void> {
  await page.goto('/site/?utm_source=newsletter&token=secret');
  await ready();
  await button('Watch the tour').click({ clickCount: 3 });
  await eventually(() => live.of('$dead_click').length > 0);

  await link('Pricing').click();
  await ready();
  await page.getByLabel('Yearly billing').click();
  await page.getByText('Start "Pro"').click();
  await button('Start the plan Café & Co.').click();

  await link('Sign up').click();
  await ready();
  await page.getByLabel('Work email').fill('jonas@fjordworks.example');
  await page.getByLabel('Password').fill('correct horse');
  await button('Sign up').click();
  await page.waitForURL('**/site/dashboard');
  await ready();
  await button('New board').click();
  await link('Export').click();
  await button('Export').click();
  await link('Billing').click();
  await button('Upgrade to Team').click();
  await eventually(() => live.of('plan upgraded').length > 0);
  await page.goto('about:blank');
  await eventually(() => live.of('$pageleave').length === 4);
  await eventually(() => processed.some(({ event }) => event === '$exception'));
  if (process.env.POSTHOG_FRAMES) writeFrames(live.frames);
}

/** Writes one frame a line. What the library notes about itself is left out. */
function writeFrames(frames: readonly Frame[]): void {
  const lines = frames.map((frame) =>
    JSON.stringify(frame, (name, value: unknown) =>
      name.startsWith('$sdk_debug_') ? undefined : value,
    ),
  );
  writeFileSync(FIXTURE, `[\n${lines.join(',\n')}\n]\n`);
}

const pages = () => live.of('$pageview').map(({ properties }) => properties.$pathname as string);
const clicked = (text: string) =>
  live
    .of('$autocapture')
    .filter(({ properties }) => properties.$event_type === 'click' && properties.$el_text === text);

it('sends each page with its title, those that load nothing included', () => {
  expect(pages()).toEqual([
    '/site/',
    '/site/pricing',
    '/site/signup',
    '/site/dashboard',
    '/site/export',
    '/site/billing',
  ]);
  expect(live.of('$pageview').map(({ properties }) => properties.title as string)).toEqual([
    'Northwind Boards: projects that move',
    'Pricing | Northwind Boards',
    'Create your account',
    'Dashboard',
    'Export',
    'Settings › Billing',
  ]);
});

it('sends clicks with the chain of elements, quotes escaped, a span within its button', () => {
  expect(clicked('Start "Pro"')[0]!.properties.$elements_chain).toBe(
    'span:nth-child="1"nth-of-type="1"text="Start \\"Pro\\"";' +
      'button.button.primary:attr__class="button primary"attr__data-attr="plan-pro"attr__data-plan="Pro"' +
      'attr__type="button"nth-child="3"nth-of-type="1"text="Start \\"Pro\\"";' +
      'article.card:attr__class="card"nth-child="2"nth-of-type="2";' +
      'section.cards:attr__class="cards"nth-child="3"nth-of-type="1";' +
      'main:nth-child="2"nth-of-type="1";body:nth-child="2"nth-of-type="1"',
  );
  const chains = live.of('$autocapture').map(({ properties }) => properties.$elements_chain);
  expect(chains.join('\n')).toContain('attr__aria-label="Start the plan Café & Co."');
});

it('sends a rage click before the third click, and a dead click with the time of the first', () => {
  const onTour = live.frames.filter(({ properties }) => properties.$el_text === 'Watch the tour');
  const [first] = onTour;
  expect(onTour.map(({ event }) => event)).toEqual([
    '$autocapture',
    '$autocapture',
    '$rageclick',
    '$autocapture',
    '$dead_click',
  ]);
  const chains = new Set(onTour.map(({ properties }) => properties.$elements_chain as string));
  expect(chains.size).toBe(1);
  const apart = Date.parse(onTour[4]!.timestamp) - Date.parse(first!.timestamp);
  expect(Math.abs(apart)).toBeLessThan(1_000);
});

it('joins the anonymous visitor with the person who signs up, within one session', () => {
  const [anonymous] = live.frames;
  const [identify] = live.of('$identify');
  expect(identify).toMatchObject({
    distinct_id: '71',
    properties: { $anon_distinct_id: anonymous!.distinct_id, distinct_id: '71' },
  });
  const sessions = new Set(live.frames.map(({ properties }) => properties.$session_id as string));
  expect(sessions.size).toBe(1);
  expect(live.of('plan upgraded')[0]).toMatchObject({
    distinct_id: '71',
    properties: { plan: 'team', seats: 5, $is_identified: true },
  });
});

it('has neither what was typed nor the address of the person on the stream', () => {
  const text = JSON.stringify(live.frames);
  expect(text).not.toContain('correct horse');
  expect(text).not.toContain('fjordworks');
});

it('has errors and the person only after ingestion', () => {
  expect(live.of('$exception')).toEqual([]);
  expect(processed.find(({ event }) => event === '$exception')).toMatchObject({
    distinct_id: '71',
    properties: { $exception_types: ['TypeError'], $exception_values: ['report is undefined'] },
    person: { properties: { email: 'jonas@fjordworks.example', name: 'Jonas Lindqvist' } },
  });
});

it('is a link in the inbox, which shows what its visitor did', async () => {
  const inbox = await openPage(browser, { baseURL: simulators.urls.inbox });
  await inbox.goto('/#person:71');
  const website = inbox.getByRole('link', { name: 'Browse the site yourself' });
  expect(await website.getAttribute('href')).toBe('/site/');
  const actions = inbox.getByRole('list', { name: /Actions/ });
  await actions.getByText('Watch the tour').first().waitFor();
  await actions.getByText('plan upgraded').first().waitFor();
  expect(await inbox.getByRole('switch', { name: 'Acts alone' }).isChecked()).toBe(false);
  await inbox.context().close();
});

it('finds every address that posthog-js asks for, and breaks no policy of the pages', () => {
  const { requests, violations } = simulators.posthog.journal;
  expect(requests.filter(({ status }) => status >= 400)).toEqual([]);
  expect(violations).toEqual([]);
  // The export is meant to fail.
  expect(failures).toEqual(['report is undefined']);
});
