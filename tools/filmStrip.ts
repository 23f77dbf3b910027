// Makes the picture that tells the whole story in a row of frames, for tools/pictures.ts.
import { setTimeout as pause } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import type { Entry } from '../simulators/inbox';
import { openPage } from './browser';
import { act, call, conversationOf, entry, inbox } from './inboxCalls';

/** A frame's size, and the resolution of the picture. In a README, the strip is about three quarters as wide as drawn. */
const FRAME = { width: 288, height: 584 };
const SCALE = 1.5;
/** What is seen of the space above a message or note. */
const ABOVE = 12;

/** One moment, by what the frame begins with. */
interface Moment {
  caption: string;
  /** Where in the inbox: `person:71` or `conversation:…`. */
  at: string;
  /** A selector; the last element that fits is at the top of the frame, this many pixels below its edge. */
  from: string;
  above?: number;
}

interface Frame {
  caption: string;
  /** The picture, as a data URL. */
  src: string;
}

/**
 * A visitor fails, writes in Intercom, acts on, and asks the bot in Crisp: one picture of four frames side by side.
 *
 * @param person a visitor with a conversation in Crisp, none in Intercom, and fewer actions than a summary needs
 * @param path of the PNG file
 */
export async function takeFilmStrip(browser: Browser, person: string, path: string): Promise<void> {
  const frames: Frame[] = [];
  const take = async (moment: Moment) => frames.push(await frameOf(browser, moment));

  const { id: chat } = await conversationOf('crisp', person);
  await act(person, 'export-fails');
  await take({ caption: 'A visitor’s export fails', at: `person:${person}`, from: '.visit' });

  const question = 'Why does the export not work?';
  const { id } = await call<{ id: string }>('/api/conversations', {
    ...{ chat: 'intercom', personId: person, text: question },
  });
  await entry(id, 'A note', ({ kind }) => kind === 'activity');
  const intercom = `conversation:${id}`;
  await take({
    caption: 'Your team gets a note',
    at: intercom,
    from: '.entry >> nth=0',
    above: ABOVE,
  });

  for (let turns = 0; turns < 4; turns += 1) {
    await act(person, 'five-things');
    await pause(1_500);
  }
  await entry(id, 'A summary', ({ kind, redacted }) => kind === 'summary' && !redacted);
  await entry(id, 'A redaction', ({ redacted }) => redacted);
  await take({
    caption: 'A summary replaces notes',
    at: intercom,
    from: '.redacted',
    above: ABOVE,
  });

  const asked = Date.now();
  await act(person, 'export-fails');
  await pause(4_000);
  await call(`/api/conversations/${chat}/replies`, { text: question });
  await entry(chat, 'An answer', (one: Entry) => one.call !== null && one.at > asked);
  await take({
    caption: 'In Crisp, a bot answers',
    at: `conversation:${chat}`,
    from: `.entry:has(> .body:has-text("${question}"))`,
    above: ABOVE,
  });
  await join(browser, frames, path);
}

/** The part of the inbox that a moment is about, on a page as narrow as the frame. */
async function frameOf(browser: Browser, { caption, at, from, above = 0 }: Moment): Promise<Frame> {
  const page = await openPage(browser, {
    viewport: FRAME,
    deviceScaleFactor: SCALE,
    reducedMotion: 'reduce',
    // The inbox allows no styles but its own.
    bypassCSP: true,
  });
  await page.goto(`${inbox}/#${at}`);
  // Room below, so that the frame is full whatever it begins with. In the inbox, long notes scroll.
  await page.addStyleTag({
    content: '.thread, .visit { min-height: 200vh; } .note .body { max-height: none; }',
  });
  await page.locator('.entry, .action').first().waitFor();
  const first = page.locator(from).last();
  await first.waitFor();
  const { y = 0 } = (await first.boundingBox()) ?? {};
  const clip = { x: 0, y: Math.max(0, y - above), ...FRAME };
  const picture = await page.screenshot({ fullPage: true, clip });
  await page.context().close();
  return { caption, src: `data:image/png;base64,${picture.toString('base64')}` };
}

/** Puts the frames side by side into one picture. All sizes are even, so that no frame is between two pixels and blurred. */
async function join(browser: Browser, frames: readonly Frame[], path: string): Promise<void> {
  const page = await openPage(browser, {
    viewport: { width: 2_000, height: 1_000 },
    deviceScaleFactor: SCALE,
  });
  const figures = frames.map(
    ({ caption, src }, i) =>
      `<figure><figcaption><b>${i + 1}</b> ${caption}</figcaption><img src="${src}"></figure>`,
  );
  await page.setContent(`<!doctype html><style>
    body { margin: 0; width: max-content; display: flex; gap: 16px; padding: 16px; background: #fff; color: #1c1e2b; }
    figure { margin: 0; width: ${FRAME.width}px; }
    figcaption { padding: 0 2px 8px; font: 600 18px/24px system-ui, sans-serif; white-space: nowrap; }
    b { color: #4450c8; }
    img { display: block; width: 100%; border-radius: 10px; outline: 1px solid #d5d7e3; outline-offset: -1px; }
  </style>${figures.join('')}`);
  await page.locator('img').last().waitFor();
  await page.locator('body').screenshot({ path });
  await page.context().close();
}
