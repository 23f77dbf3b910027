// Takes the pictures of the inbox and of the canvases in docs/images, and the film strip, from a running demo: `npm start`,
// and in another terminal `node start.mjs tools/pictures.ts`. INBOX_PORT and DEMO_FOLDER are the demo's. The Japanese name needs a
// font, such as Debian's fonts-noto-cjk.
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import type { Entry } from '../simulators/inbox';
import type { DemoFacts } from '../simulators';
import { openPage, startBrowser } from './browser';
import { takeCanvases } from './canvases';
import { readMemory } from './demo/memory';
import { readSettings } from './demo/settings';
import { EMAIL } from './demo/setUp';
import { takeFilmStrip } from './filmStrip';
import { act, call, conversationOf, entry, getStuck, inbox } from './inboxCalls';
import { repositoryFolder } from './n8n/node24';

const images = join(repositoryFolder, 'docs', 'images');
/** The visitors in the pictures: the first to write in each chat product. */
const [IN_INTERCOM, IN_CRISP] = ['70', '71'];
/** Visitors who get stuck, and which choice of the offer they take in Crisp. The last one is in the holdout group. */
const STUCK = [
  ['72', 'rage-clicks', 0],
  ['73', 'rage-clicks', -1],
  ['74', 'rage-clicks', 0],
  ['75', 'rage-clicks', null],
] as const;
/** Pixels. */
const MOST_HIGHER = 120;

/** A conversation with notes that were redacted, their summary, and what was done since. */
async function playIntercom(): Promise<string> {
  const { id } = await conversationOf('intercom', IN_INTERCOM);
  // In a demo that has just begun, this visitor may have done nothing yet.
  await act(IN_INTERCOM, 'visit-pricing');
  await entry(id, 'A note', ({ kind }) => kind === 'activity');
  for (let turns = 0; turns < 4; turns += 1) {
    await act(IN_INTERCOM, 'five-things');
    await pause(1_500);
  }
  await entry(id, 'A summary', ({ kind, redacted }) => kind === 'summary' && !redacted);
  const isNew = ({ kind, redacted, body }: Entry) =>
    kind === 'activity' && !redacted && body.includes('Try again');
  await act(IN_INTERCOM, 'export-fails');
  await entry(id, 'A note of the export', isNew);
  // Redactions come after the summary, and later than other notes.
  await pause(3_000);
  return id;
}

/** A conversation with an answer that knows what the visitor has just tried. */
async function playCrisp(): Promise<string> {
  const { id } = await conversationOf('crisp', IN_CRISP);
  // More actions than an answer lists, so that a summary covers the first ones.
  for (let turns = 0; turns < 4; turns += 1) {
    await act(IN_CRISP, 'five-things');
    await pause(1_500);
  }
  const asked = Date.now();
  await act(IN_CRISP, 'export-fails');
  await pause(4_000);
  await call(`/api/conversations/${id}/replies`, { text: 'And why does this not work?' });
  await entry(id, 'An answer', (one) => one.call !== null && one.at > asked);
  return id;
}

/** Offers that are taken and declined, and some that are not made. */
async function playOffers(): Promise<void> {
  for (const [person, way] of STUCK) await getStuck(person, way);
  for (const [person, , place] of STUCK) {
    if (place === null) continue;
    const { id } = await conversationOf('crisp', person);
    const isOffer = ({ choices }: Entry) => choices.length > 0;
    const offer = await entry(id, 'An offer', isOffer);
    const choice = offer.choices.at(place)!.id;
    await call(`/api/conversations/${id}/choices`, { entry: offer.id, choice });
  }
  await pause(2_000);
}

async function takeOffers(browser: Browser): Promise<void> {
  await playOffers();
  const page = await openPage(browser, { reducedMotion: 'reduce' });
  await page.goto(`${inbox}/#offers`);
  await page.getByRole('button', { name: 'Hide the steps' }).click();
  await page.locator('.figures').first().waitFor();
  await page.screenshot({ path: join(images, 'offers.png') });
  await page.context().close();
}

async function take(browser: Browser, name: string, conversation: string): Promise<void> {
  const page = await openPage(browser, { reducedMotion: 'reduce' });
  await page.goto(`${inbox}/#conversation:${conversation}`);
  await page.locator('.entry').last().waitFor();
  // The first steps would leave little room for what the picture is about.
  await page.getByRole('button', { name: 'Hide the steps' }).click();
  const fold = page.locator('.knew > summary').last();
  if ((await fold.count()) > 0) await fold.click();
  await page.evaluate("document.getElementById('entries').scrollTop = 1e6");
  await page.mouse.move(0, 0);
  // A little higher, if that shows the first message whole.
  const hidden = await page.evaluate<number>(
    "document.getElementById('entries').scrollHeight - document.getElementById('entries').clientHeight",
  );
  const { width, height } = page.viewportSize()!;
  if (hidden <= MOST_HIGHER) await page.setViewportSize({ width, height: height + hidden });
  await page.locator('.action').first().waitFor();
  await page.screenshot({ path: join(images, `${name}.png`) });
  await page.context().close();
}

async function main(): Promise<void> {
  // The visitors in the pictures do only what the pictures need.
  for (const person of [IN_INTERCOM, IN_CRISP]) {
    await call(`/api/people/${person}/active`, { active: false });
  }
  const browser = await startBrowser();
  try {
    // First, while this visitor has done too little for a summary.
    await takeFilmStrip(browser, IN_CRISP, join(images, 'film-strip.png'));
    await take(browser, 'inbox', await playIntercom());
    await take(browser, 'inbox-crisp', await playCrisp());
    await takeOffers(browser);
    const { n8n } = await call<DemoFacts>('/api/demo');
    const { folder } = readSettings(process.env, repositoryFolder);
    const { password } = readMemory(join(folder, 'demo.json'));
    if (n8n && password) await takeCanvases(browser, n8n, { email: EMAIL, password }, images);
  } finally {
    await browser.close();
  }
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
