import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { openPage, startBrowser } from '../support/browser';
import { eventually } from '../support/eventually';
import { activityOf, type InboxWorld, startInboxWorld } from './inboxWorld';

let browser: Browser;
let world: InboxWorld;
let page: Page;
const failures: string[] = [];

beforeAll(async () => {
  [browser, world] = await Promise.all([startBrowser(), startInboxWorld()]);
});
afterAll(() => Promise.all([browser?.close(), world?.stop()]));
afterEach(async () => {
  await page.context().close();
  // An exception in the page, or something that its policy kept from being loaded.
  expect(failures.splice(0)).toEqual([]);
});

const open = async (hash = '', options: BrowserContextOptions = {}): Promise<void> => {
  page = await openPage(browser, { baseURL: world.urls.inbox, ...options });
  page.setDefaultTimeout(60_000);
  await page.addInitScript({ path: join(__dirname, 'inPage.js') });
  page.on('pageerror', ({ message }) => failures.push(message));
  page.on('console', (said) => said.type() === 'error' && failures.push(said.text()));
  await page.goto(`/${hash}`);
  await page.locator('#visitors [data-key]').first().waitFor();
};
const thread = () => page.getByRole('log', { name: 'Messages and notes' });
const announcer = () => page.locator('#announcer');
/** Asks the page from within: see inPage.js. */
const ask = <T>(name: string, ...values: unknown[]): Promise<T> =>
  page.evaluate(`inPage.${name}(...${JSON.stringify(values)})`);
const isFocused = (selector: string) => ask<boolean>('isFocused', selector);

/** Presses Tab until what has the focus matches; each stop on the way has to be seen. */
async function tabTo(selector: string): Promise<void> {
  for (let stops = 0; stops < 30; stops += 1) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluate('document.activeElement.outerHTML');
    expect([stop, await ask('isFocusSeen')]).toEqual([stop, true]);
    if (await isFocused(selector)) return;
  }
  throw new Error(`The Tab key does not lead to ${selector}`);
}

describe('from the keyboard', () => {
  it('one chooses a visitor, writes and sends', async () => {
    await open();
    await tabTo('.row-button');
    for (let row = 0; row < 30 && !(await isFocused('[data-key="person:73"]')); row += 1) {
      await page.keyboard.press('ArrowDown');
    }
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Priya Raman' }).waitFor();
    await tabTo('[name="chat"]');
    await page.keyboard.press('ArrowRight');
    await tabTo('textarea');
    await page.keyboard.type('Is there a free plan?');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('For a school.');
    await page.keyboard.press('Enter');
    await thread().getByText('For a school.').waitFor();
    const { meta, messages } = world.crisp.conversations()[0]!;
    expect(meta.nickname).toBe('Priya Raman');
    expect(messages).toMatchObject([{ content: 'Is there a free plan?\nFor a school.' }]);
    expect(await isFocused('textarea')).toBe(true);
    expect(await page.getByRole('textbox').inputValue()).toBe('');
  });

  it('shortcuts lead everywhere, are listed, and can be switched off', async () => {
    await open('#person:72');
    await page.getByRole('heading', { name: '山田 はな' }).waitFor();
    await page.keyboard.press('c');
    await page.keyboard.type('j?');
    expect(await page.getByRole('textbox').inputValue()).toBe('j?');
    await page.keyboard.press('Escape');
    expect(await isFocused('[data-key="person:72"]')).toBe(true);
    await page.keyboard.press('j');
    await page.getByRole('heading', { name: 'Priya Raman' }).waitFor();
    expect(await page.getByRole('textbox').inputValue()).toBe('');
    await page.keyboard.press('k');
    await eventually(async () => (await page.getByRole('textbox').inputValue()) === 'j?');
    await page.keyboard.press('a');
    await page.keyboard.press('Enter');
    await page
      .getByRole('list', { name: /Actions/ })
      .getByText('pricing page')
      .waitFor();

    await page.keyboard.press('?');
    const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await help.getByRole('switch').press('Space');
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    expect(await help.isVisible()).toBe(false);
  });
});

it('keeps what a visitor does while the list of their actions is still on its way', async () => {
  await open('#person:71');
  let answer = () => {};
  const held = new Promise<void>((resolve) => (answer = resolve));
  await page.route('**/api/people/70/activity', async (route) => {
    const older = await route.fetch();
    await held;
    await route.fulfill({ response: older });
  });
  await page.locator('[data-key="person:70"]').click();
  await page.getByRole('button', { name: 'Visit pricing' }).click();
  const done = page.getByRole('list', { name: /Actions/ }).getByText('pricing page');
  await done.waitFor();
  const answered = page.waitForResponse('**/api/people/70/activity');
  answer();
  await (await answered).finished();
  await page.evaluate('new Promise((resolve) => requestAnimationFrame(resolve))');
  expect(await done.isVisible()).toBe(true);
});

it('lets one step into a conversation with the bot, as an operator', async () => {
  const conversation = world.asks('74', 'Can a person help me?');
  const intercom = world.visitorStarts('74', 'And here?');
  await open(`#conversation:${conversation}`);
  const field = page.getByRole('textbox', { name: 'Write as' });
  await field.waitFor();
  await tabTo('[name="as"]');
  await page.keyboard.press('ArrowRight');
  await page.getByRole('textbox', { name: /^Answer .* as an operator$/ }).fill('I take over');
  await page.keyboard.press('Enter');
  await thread().getByText('I take over').waitFor();
  const { messages } = world.crisp.conversation(conversation);
  expect(messages.at(-1)).toMatchObject({ from: 'operator', automated: false });
  // In another conversation one is the visitor again, and where no bot answers nobody has to step in.
  await page.locator(`[data-key="conversation:${intercom}"]`).click();
  await field.waitFor();
  expect(await page.getByRole('group', { name: 'Write as' }).isVisible()).toBe(false);
  await page.locator(`[data-key="conversation:${conversation}"]`).click();
  await page.getByRole('group', { name: 'Write as' }).waitFor();
  expect(await page.getByRole('radio', { name: 'Visitor' }).isChecked()).toBe(true);
});

it('shows notes as internal, and the redaction that follows a summary, and says so', async () => {
  const conversation = world.visitorStarts('70', 'How do I get started?');
  await open(`#conversation:${conversation}`);
  const notes = [];
  for (const what of ['viewed the home page', 'clicked Sign up']) {
    notes.push(await world.activityNote(conversation, what));
  }
  await thread().getByText('[1] User clicked Sign up').waitFor();
  const articles = thread().getByRole('article');
  expect(await articles.filter({ hasText: 'Internal note' }).count()).toBe(2);
  expect(await articles.first().getByText('Internal note').count()).toBe(0);

  await world.summaryNote(conversation, 'They are signing up.');
  await thread().getByText('They are signing up.').waitFor();
  await eventually(async () => /Internal note, summary: .*signing up/s.test(await heard()));
  for (const note of notes) await world.redact(conversation, note);
  await thread().getByText('2 notes redacted').waitFor();
  await eventually(async () => /\d notes? redacted/.test(await heard()));
  expect(await thread().getByText('[1] User').count()).toBe(0);
  expect(await articles.filter({ hasText: 'Internal note' }).count()).toBe(1);
});

it('cuts a long note off, and shows all of it when asked', async () => {
  const conversation = world.visitorStarts('70', 'Hello');
  const lines = Array.from({ length: 40 }, (_, index) => `[${index + 1}] User did ${index + 1}`);
  await world.note(conversation, `<p>session_id: s_1</p><p>${lines.join('<br>')}</p>`);
  await open(`#conversation:${conversation}`);
  const note = thread().getByRole('article').last();
  const height = async () => (await note.boundingBox())!.height;
  const more = note.getByRole('button', { name: 'Show all of it', expanded: false });
  const cut = await height();
  await more.press('Enter');
  await note.getByRole('button', { name: 'Show less', expanded: true }).waitFor();
  expect(await height()).toBeGreaterThan(cut * 2);
});

const heard = async (): Promise<string> => (await announcer().textContent()) ?? '';

it('tells under each answer of the bot what it knew, and only what that one knew', async () => {
  const question = 'Why does this not work?';
  const [jonas, mateo] = [world.asks('71', question), world.asks('74', question)];
  const session = (id: string) => world.crowd.visitor(id).sessionId;
  // Both are told the same, but not from the same.
  const answers = [
    await world.think(question, activityOf(session('71'), 'Export')),
    await world.think(question, `Jonas is nobody here.\n\n${activityOf(session('74'), 'Export')}`),
  ];
  expect(answers[0]).toBe(answers[1]);
  await world.reply(mateo, answers[1]!);
  await world.reply(jonas, answers[0]!);
  await world.reply(jonas, 'I am a person, and have a look.', false);

  await open(`#conversation:${jonas}`);
  const replies = thread()
    .getByRole('article')
    .filter({ hasText: /Assistant|Sam Rivera/ });
  await replies.nth(1).waitFor();
  expect(await replies.nth(1).getByText('What the bot knew').count()).toBe(0);
  const fold = replies.first().locator('details.knew');
  const summary = fold.locator('> summary');
  expect(await summary.innerText()).toMatch(/What the bot knew\s+summary and 1 action/);
  expect(await fold.locator('.before').isVisible()).toBe(false);
  await page.keyboard.press('b');
  expect(await fold.locator('.knowledge').innerText()).toMatch(
    /They compared plans\.\s+Latest actions\s+https:\/\/app\.example\/export\s+click\s+Clicked Export/,
  );
  // What the model got that time, word for word.
  await fold.getByText('The whole prompt').click();
  const prompt = world.model.requests.find(({ prompt }) =>
    prompt.messages.some(({ text }) => text.includes(session('71'))),
  )!.prompt;
  expect(await fold.locator('pre').allTextContents()).toEqual(
    prompt.messages.map(({ text }) => text),
  );
  await page.locator(`[data-key="conversation:${mateo}"]`).click();
  await thread().getByText('What the bot knew').click();
  await thread()
    .getByText(/Jonas is nobody here/)
    .first()
    .waitFor();
});

/** What WCAG asks of text of ordinary size (AA). */
const ENOUGH = 4.5;
const expectClearTexts = async (atLeast: number) => {
  const { count, faint } = await ask<{ count: number; faint: string[] }>('texts', ENOUGH);
  expect(faint).toEqual([]);
  expect(count).toBeGreaterThan(atLeast);
};

describe.each(['light', 'dark'] as const)('in %s colours', (colorScheme) => {
  it('every text stands out from its ground', async () => {
    const conversation = world.visitorStarts('75', 'Hello');
    const part = await world.activityNote(conversation, 'viewed the home page');
    await world.summaryNote(conversation, 'They look around. <b>All</b> of it.');
    await world.activityNote(conversation, 'viewed the pricing page');
    await world.redact(conversation, part);
    world.crowd.act('75', { count: 5 });
    await open(`#conversation:${conversation}`, { colorScheme, reducedMotion: 'reduce' });
    await thread().getByText('1 note redacted').click();
    await expectClearTexts(60);

    const crisp = world.asks('75', 'Hello?');
    await world.reply(crisp, await world.think('Hello?', activityOf('s', 'Yes & <b>no</b>')));
    await page.locator(`[data-key="conversation:${crisp}"]`).click();
    await thread().getByText('What the bot knew').last().click();
    await thread().getByText('The whole prompt').last().click();
    await page.keyboard.press('?');
    await expectClearTexts(80);
    // Whatever the system prefers, the switch decides.
    await page.keyboard.press('Escape');
    const ground = () => ask<string>('style', '.list', 'background-color');
    const before = await ground();
    for (let turns = 0; turns < 2; turns += 1) {
      await page.getByRole('button', { name: /^Appearance/ }).click();
      const name = await page.getByRole('button', { name: /^Appearance/ }).getAttribute('title');
      expect([name, (await ground()) === before]).toEqual([name, name!.endsWith(colorScheme)]);
    }
  });
});

it('shows texts of pages, visitors and models as the texts they are', async () => {
  const hostile = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>';
  const conversation = world.asks('74', hostile);
  const sessionId = world.crowd.visitor('74').sessionId;
  const step = { type: 'click', label: hostile, kind: 'button' } as const;
  world.crowd.act('74', [step]);
  // The model repeats what it was told, and so the answer is hostile, too.
  await world.reply(conversation, await world.think(hostile, activityOf(sessionId, hostile)));
  const other = world.visitorStarts('74', hostile);
  await world.note(other, '<p>Seen: &lt;img src=x&gt; <a href="javascript:hit=1">x</a></p>');

  await open(`#conversation:${conversation}`);
  await thread().getByText('What the bot knew').last().click();
  await thread().getByText('The whole prompt').last().click();
  const visible = await page.locator('body').innerText();
  // The message, the answer, the action, its line in what the bot knew and in the prompt.
  expect(visible.split('<img src=x onerror=').length - 1).toBeGreaterThanOrEqual(5);
  await page.locator(`[data-key="conversation:${other}"]`).click();
  await thread().getByText('Seen: <img src=x> x').waitFor();
  const made = 'img, iframe, object, body script, [onerror], a[href^="javascript"]';
  expect(await page.locator(made).count()).toBe(0);
  expect(await page.evaluate("'hit' in window")).toBe(false);
});

it('says when n8n is not there, and when it is again', async () => {
  await open('#person:70');
  const trouble = page.locator('#trouble');
  expect(await trouble.textContent()).toContain('n8n is not there');
  const unsubscribe = world.crisp.hooks.subscribe({ kind: 'website', url: 'http://127.0.0.1:9/' });
  await page.getByText('No published workflow listens to Intercom').waitFor();
  expect(await trouble.textContent()).toContain('n8n does not listen to the stream');
  world.asks('72', 'Anybody there?');
  await page.getByText('n8n did not take the latest message from Crisp.').waitFor();
  unsubscribe();
  await page.getByText('n8n is not there').waitFor();
});

it('keeps what could not be sent', async () => {
  await open('#person:70');
  await page.route('**/api/conversations', (route) => route.abort());
  await page.keyboard.press('c');
  await page.keyboard.type('Hello');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('Not sent.').waitFor();
  expect(await page.getByRole('textbox').inputValue()).toBe('Hello');
  await page.unroute('**/api/conversations');
  await page.keyboard.press('Enter');
  await thread().getByText('Hello').waitFor();
  failures.length = 0;
});

it('says that its server is gone, and goes on when it is back', async () => {
  await open('#person:70');
  await page.route('**/api/events', (route) => route.abort());
  await page.reload();
  await page.getByRole('alert').getByText('The simulators are not running.').waitFor();
  expect(await page.locator('#connections.unknown').count()).toBe(1);
  await page.unroute('**/api/events');
  await page.getByRole('heading', { name: 'Amara Okafor' }).waitFor();
  expect(await page.locator('#offline').textContent()).toBe('');
  expect(await page.locator('#connections.unknown').count()).toBe(0);
  failures.length = 0;
});

it('moves what is new only where movement is welcome', async () => {
  const conversation = world.visitorStarts('73', 'Hello');
  for (const [reducedMotion, moves] of [
    ['no-preference', true],
    ['reduce', false],
  ] as const) {
    await open(`#conversation:${conversation}`, { reducedMotion });
    await thread().getByText('Hello').first().waitFor();
    await world.note(conversation, `<p>With ${reducedMotion}</p>`);
    await thread().getByText(`With ${reducedMotion}`).waitFor();
    const name = await ask<string>('style', '.entry:last-child', 'animation-name');
    expect([reducedMotion, name.includes('arrive')]).toEqual([reducedMotion, moves]);
    if (moves) await page.context().close();
  }
});

it.each([1024, 390])('fits into a width of %i pixels', async (width) => {
  const conversation = world.visitorStarts('72', 'x'.repeat(300));
  await open('', { viewport: { width, height: 800 } });
  const views = page.getByRole('group', { name: 'Show', exact: true });
  const isNarrow = width < 800;
  expect(await views.isVisible()).toBe(isNarrow);
  await page.locator(`[data-key="conversation:${conversation}"]`).click();
  await thread().getByText('xxx').waitFor();
  if (isNarrow) await views.getByRole('button', { name: 'Activity' }).click();
  await page.getByRole('button', { name: 'Do 5 things' }).click();
  await page.locator('#actions .action').nth(4).waitFor();
  expect(await ask('isTooWide')).toBe(false);
});
