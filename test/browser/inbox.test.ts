import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { openPage, startBrowser } from '../../tools/browser';
import { demo, type OfferFigures } from '../../simulators';
import { NO_FACTS } from '../../simulators/inbox/facts';
import { serveAgents } from '../support/contextServer';
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
  // An exception in the page, or a resource that its policy blocked.
  expect(failures.splice(0)).toEqual([]);
});

const open = async (hash = '', options: BrowserContextOptions = {}): Promise<void> => {
  page = await openPage(browser, { baseURL: world.urls.inbox, ...options });
  page.on('pageerror', ({ message }) => failures.push(message));
  page.on('console', (said) => said.type() === 'error' && failures.push(said.text()));
  await page.goto(`/${hash}`);
  await page.locator('#visitors [data-key]').first().waitFor();
};
const thread = () => page.getByRole('log', { name: 'Messages and notes' });
const row = (key: string) => page.locator(`[data-key="${key}"]`);
const actions = () => page.getByRole('list', { name: /Actions/ });

/** Presses Tab until the focus is on what the selector names. */
async function tabTo(selector: string): Promise<void> {
  for (let stops = 0; stops < 40; stops += 1) {
    await page.keyboard.press('Tab');
    if (await page.evaluate<boolean>(`document.activeElement.matches('${selector}')`)) return;
  }
  throw new Error(`The Tab key does not lead to ${selector}`);
}

it('can be used from the keyboard: choose a visitor and a chat product, write and send', async () => {
  await open();
  await tabTo('[data-key="person:73"]');
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
  // The message may be shown before the page hears that it was sent.
  await eventually(async () => (await page.getByRole('textbox').inputValue()) === '');
});

it('keeps what was typed for each conversation and visitor until it is sent', async () => {
  await open('#person:72');
  await page.getByRole('textbox').fill('Half a sentence');
  await row('person:73').click();
  await page.getByRole('heading', { name: 'Priya Raman' }).waitFor();
  expect(await page.getByRole('textbox').inputValue()).toBe('');
  await row('person:72').click();
  await eventually(
    async () => (await page.getByRole('textbox').inputValue()) === 'Half a sentence',
  );
});

it('keeps actions that are streamed while an older list of them is still on its way', async () => {
  await open('#person:71');
  let answer = () => {};
  const held = new Promise<void>((resolve) => (answer = resolve));
  await page.route('**/api/people', async (route) => {
    const older = await route.fetch();
    await held;
    await route.fulfill({ response: older });
  });
  await row('person:70').click();
  await page.getByRole('button', { name: 'Visit pricing' }).click();
  const done = actions().getByText('pricing page');
  await done.waitFor();
  const answered = page.waitForResponse('**/api/people');
  answer();
  await (await answered).finished();
  await page.evaluate('new Promise((resolve) => requestAnimationFrame(resolve))');
  expect(await done.isVisible()).toBe(true);
});

it('lets the user write as an operator in Crisp, and as the visitor again elsewhere', async () => {
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
  await row(`conversation:${intercom}`).click();
  await field.waitFor();
  expect(await page.getByRole('group', { name: 'Write as' }).count()).toBe(0);
  await row(`conversation:${conversation}`).click();
  await page.getByRole('group', { name: 'Write as' }).waitFor();
  expect(await page.getByRole('radio', { name: 'Visitor' }).isChecked()).toBe(true);
});

it('shows notes as internal, and the redaction that follows a summary', async () => {
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
  for (const note of notes) await world.redact(conversation, note);
  await thread().getByText('2 notes redacted').waitFor();
  expect(await thread().getByText('[1] User').count()).toBe(0);
  expect(await articles.filter({ hasText: 'Internal note' }).count()).toBe(1);
});

it('shows under each answer of the bot what its own model call knew', async () => {
  const question = 'Why does this not work?';
  const [jonas, mateo] = [world.asks('71', question), world.asks('74', question)];
  const session = (id: string) => world.crowd.visitor(id).sessionId;
  // Both get the same answer, from different activity.
  const answers = [
    await world.think(question, activityOf(session('71'), 'Export')),
    await world.think(question, `Only Mateo.\n\n${activityOf(session('74'), 'Export')}`),
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
  expect(await fold.locator('.activity').isVisible()).toBe(false);
  await fold.getByText('What the bot knew').click();
  expect(await fold.locator('.activity').innerText()).toBe(activityOf(session('71'), 'Export'));
  await fold.getByText('The whole prompt').click();
  const prompt = world.model.requests.find(({ prompt }) =>
    prompt.messages.some(({ text }) => text.includes(session('71'))),
  )!.prompt;
  expect(await fold.locator('h4 + pre').allTextContents()).toEqual(
    prompt.messages.map(({ text }) => text),
  );
  await row(`conversation:${mateo}`).click();
  await thread().getByText('What the bot knew').click();
  await thread()
    .getByText(/Only Mateo/)
    .first()
    .waitFor();
});

it('makes the selected visitor get stuck, who then acts no longer alone', async () => {
  await open('#person:73');
  const alone = page.getByRole('switch', { name: 'Acts alone' });
  await alone.waitFor();
  expect(await alone.isChecked()).toBe(true);
  await page.getByRole('combobox', { name: 'How to get stuck' }).selectOption('Rage Clicks');
  await tabTo('.acts button:last-of-type');
  await page.keyboard.press('Enter');
  await actions().getByText('Share report').nth(3).waitFor();
  expect(await alone.isChecked()).toBe(false);
});

describe('an offer', () => {
  const choices = () => thread().getByRole('group', { name: 'Choices' });
  const choice = (name: string) => choices().getByRole('button', { name });
  const pressed = async () =>
    await choices().getByRole('button', { pressed: true }).allInnerTexts();

  it('in Crisp appears before a visitor without a conversation there, who taps a choice', async () => {
    await open('#person:70');
    const id = await world.offerInCrisp('70', 'Comparing plans?', ['Show me', 'No, <b>thanks']);
    await thread().getByText('Comparing plans?').waitFor();
    await row(`conversation:${id}`).getByText('Offer').waitFor();
    expect(await pressed()).toEqual([]);
    await choice('Show me').click();
    await eventually(async () => (await pressed()).join() === 'Show me');
    const [{ content }] = world.crisp.conversation(id).messages as [any];
    expect(content.choices.map(({ selected }: any) => selected)).toEqual([true, false]);
    await row(`conversation:${id}`).getByText('Offer').waitFor({ state: 'detached' });
    await choice('No, <b>thanks').click();
    await eventually(async () => (await pressed()).join() === 'No, <b>thanks');
  });

  it('in Intercom appears, too, and has its buttons until one is tapped', async () => {
    await open('#person:75');
    const id = await world.offerInIntercom('75', 'Need a hand?', ['Yes', 'No']);
    await thread().getByText('Need a hand?').waitFor();
    await tabTo('.choices button');
    await page.keyboard.press('Enter');
    await thread().getByRole('article').filter({ hasText: 'Léa Fontaine' }).waitFor();
    expect(await pressed()).toEqual(['Yes']);
    expect(await choice('No').isDisabled()).toBe(true);
    expect(world.intercom.conversation(id).parts.at(-1)).toMatchObject({ tapped: 'uuid of Yes' });
  });

  it('in Intercom without a conversation is answered in words, which opens one', async () => {
    await open('#person:72');
    await world.offerInIntercom('72', 'Shall we talk?', [], false);
    await thread().getByText('Shall we talk?').waitFor();
    await page.getByRole('textbox').fill('Yes, please');
    await page.keyboard.press('Enter');
    await thread().getByText('Yes, please').waitFor();
    await thread().getByText('Shall we talk?').waitFor();
    const [{ id }] = world.intercom.conversations() as [any];
    expect(page.url()).toContain(`#conversation:${id}`);
    const asMessage = page.locator('[data-key^="conversation:message"]');
    await eventually(async () => (await asMessage.count()) === 0);
  });

  it('does not take away what its user is typing', async () => {
    await open('#person:71');
    await page.getByRole('textbox').fill('Half a sentence');
    const id = await world.offerInCrisp('71', 'Stuck?', ['Yes']);
    await row(`conversation:${id}`).getByText('Stuck?').waitFor();
    expect(await page.getByRole('textbox').inputValue()).toBe('Half a sentence');
    expect(page.url()).toContain('#person:71');
  });
});

const outcomes = {
  accepted: 4,
  dismissed: 2,
  replied: 1,
  ignored: 1,
  left: 0,
  withdrawn: 0,
  unknown: 0,
};
const figures: OfferFigures = {
  ...{
    chat: 'crisp',
    rule: 'Ping-Pong',
    decided: 20,
    sent: 9,
    seen: 8,
    converted: 3,
    holdout: 5,
  },
  outcomes: { ...outcomes, open: 1 },
  noes: [
    { reason: 'A conversation was open', count: 6 },
    { reason: 'The visitor is in the holdout group', count: 5 },
  ],
};

describe('the outcomes of offers', () => {
  const hostile = '<img src=x onerror="window.hit=1">';
  const region = () => page.getByRole('region', { name: 'What became of offers' });
  const chart = (name: string, caption: string) =>
    region().getByRole('region', { name }).getByRole('table', { name: caption });

  it('are shown by rule, with why others were not made, and follow what happens', async () => {
    await open();
    await page.getByRole('button', { name: 'Offers' }).click();
    await region().getByText('No offers yet').waitFor();
    await region().getByText('No published workflow makes offers').waitFor();
    const inIntercom = { ...figures, chat: 'intercom' as const, rule: hostile, converted: null };
    world.offers.report = async () => [figures, { ...inIntercom, decided: 0, noes: [] }];
    world.inbox.describe({ ...NO_FACTS, offers: 'Observe Only is off in this demo' });
    await region().getByText('Observe Only is off').waitFor();
    const what = chart('Ping-Pong', 'What became of them');
    const rows = async (table: typeof what) => {
      const names = await table.getByRole('rowheader').allInnerTexts();
      const counts = await table.locator('td:nth-child(2)').allInnerTexts();
      return names.map((name, i) => `${name} ${counts[i]}`);
    };
    await what.waitFor();
    expect(await rows(what)).toEqual([
      ...['Decided 20', 'Sent 9', 'Seen 8', 'Accepted 4', 'Dismissed 2', 'Replied 1'],
      ...['Ignored 1', 'Left 0', 'Open 1', 'Converted 3', 'Holdout 5'],
    ]);
    expect(await rows(chart('Ping-Pong', 'Not sent, because'))).toEqual([
      'A conversation was open 6',
      'The visitor is in the holdout group 5',
    ]);
    const widths = await page.evaluate<number[]>(
      "[...document.querySelector('.figures table').querySelectorAll('rect')].map((one) => Math.round(100 * one.getBBox().width / one.parentElement.clientWidth))",
    );
    expect(widths).toEqual([100, 45, 40, 20, 10, 5, 5, 0, 5, 15, 25]);
    await region().getByText(hostile).waitFor();
    expect(await page.evaluate("'hit' in window")).toBe(false);

    world.offers.report = async () => [{ ...figures, sent: 10 }];
    await region().getByText(hostile).waitFor({ state: 'detached' });
    expect((await rows(what))[1]).toBe('Sent 10');
    await row('person:70').click();
    await thread().waitFor();
  });

  it('are not known while the memory cannot be read', async () => {
    world.offers.report = () => Promise.reject(new Error('locked'));
    await open('#offers');
    await region().getByText('The memory of the workflows cannot be read.').waitFor();
    world.offers.report = async () => [figures];
    await chart('Ping-Pong', 'What became of them').waitFor();
    expect(await region().getByRole('alert').count()).toBe(0);
    // The browser logs the refusal.
    expect(failures.splice(0).every((text) => text.includes('503'))).toBe(true);
  });
});

it('shows texts of pages, visitors and models as text, never as markup', async () => {
  const hostile = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>';
  const conversation = world.asks('74', hostile);
  const sessionId = world.crowd.visitor('74').sessionId;
  const step = { type: 'click', label: hostile, kind: 'button' } as const;
  world.crowd.act('74', [step]);
  // The model repeats its prompt, so the answer is hostile, too.
  await world.reply(conversation, await world.think(hostile, activityOf(sessionId, hostile)));
  const other = world.visitorStarts('74', hostile);
  await world.note(other, '<p>Seen: &lt;img src=x&gt; <a href="javascript:hit=1">x</a></p>');

  await open(`#conversation:${conversation}`);
  await thread().getByText('What the bot knew').last().click();
  await thread().getByText('The whole prompt').last().click();
  const visible = await page.locator('body').innerText();
  // In the message, the answer, the action, the activity that the bot knew, and the prompt.
  expect(visible.split('<img src=x onerror=').length - 1).toBeGreaterThanOrEqual(5);
  await row(`conversation:${other}`).click();
  await thread().getByText('Seen: <img src=x> x').waitFor();
  const made = 'img, iframe, object, body script, [onerror], a[href^="javascript"]';
  expect(await page.locator(made).count()).toBe(0);
  expect(await page.evaluate("'hit' in window")).toBe(false);
});

it('says which connections to n8n are missing, and clears the warning', async () => {
  await open('#person:70');
  const trouble = page.locator('#trouble');
  await trouble.getByText('n8n is not running').waitFor();
  const unsubscribe = world.crisp.hooks.subscribe({ kind: 'website', url: 'http://127.0.0.1:9/' });
  await page.getByText('No published workflow listens to Intercom').waitFor();
  await trouble.getByText('n8n does not listen to the stream').waitFor();
  world.asks('72', 'Anybody there?');
  await page.getByText('n8n did not take the latest message from Crisp.').waitFor();
  unsubscribe();
  await page.getByText('n8n is not running').waitFor();
});

it('says that a token is refused as long as it is', async () => {
  await open('#person:70');
  const unsubscribe = world.intercom.webhooks.subscribe({
    ...{ url: 'http://127.0.0.1:9/', topics: [], clientSecret: 's' },
  });
  const ask = (token: string) =>
    fetch(`${world.urls.intercom}/me`, { headers: { Authorization: `Bearer ${token}` } });
  await ask('wrong');
  const bearer = (key: string) => ({ headers: { Authorization: `Bearer ${key}` } });
  await fetch(`${world.urls.model}/models`, bearer('wrong'));
  await page.getByText('The model refuses n8n: check the API key').waitFor();
  await fetch(`${world.urls.model}/models`, bearer(demo.modelKey));
  await page.locator('#trouble').getByText('Intercom refuses n8n’s calls').waitFor();
  expect(await page.locator('.connections .broken').getByText('Intercom').count()).toBe(1);
  await ask(demo.intercomToken);
  await page.locator('.connections .fine').getByText('Intercom').waitFor();
  unsubscribe();
});

it('shows question, identity and answer of the AI agent that asks about the visitor', async () => {
  const agents = await serveAgents({
    asker: {
      kind: 'finToken',
      rules: { algorithm: 'HS256', key: demo.userTokenSecret, audience: '' },
    },
  });
  const conversation = world.visitorStarts('72', 'Where are my boards?');
  await open(`#conversation:${conversation}`);
  await thread().getByText('Where are my boards?').waitFor();
  expect(await page.getByRole('button', { name: 'Ask as Fin' }).count()).toBe(0);
  world.inbox.describe({ ...NO_FACTS, agents: { intercom: agents.url, crisp: null } });
  await page.getByRole('button', { name: 'Ask as Fin' }).click();
  const asked = page.getByRole('region', { name: 'What Fin asked' });
  await asked.getByText('Nothing is known of what this visitor has been doing.').waitFor();
  expect(await asked.getByText('Where are my boards?').isVisible()).toBe(true);
  expect(await asked.getByText('user_id', { exact: true }).isVisible()).toBe(true);
  expect(await asked.getByText(/^200, in \d+ ms$/).isVisible()).toBe(true);

  await page.getByRole('button', { name: 'Ask as an attacker' }).click();
  await asked.getByText(/^401, in \d+ ms$/).waitFor();
  expect(await asked.getByText('{"error":"invalid_token"}').isVisible()).toBe(true);
  await asked.getByRole('button', { name: 'Close' }).click();
  await asked.waitFor({ state: 'detached' });
  world.inbox.describe(NO_FACTS);
  agents.close();
});

it('says that it is a demo, where its answers come from, and how to begin', async () => {
  await open('#person:70');
  const about = page.locator('.about');
  await about
    .getByText('The visitors, Intercom, Crisp and the language model are simulated.')
    .waitFor();
  world.inbox.describe({
    n8n: 'http://127.0.0.1:5678',
    workflows: [
      { name: 'Notes', chat: 'intercom', url: 'http://127.0.0.1:5678/workflow/1' },
      { name: 'Bot', chat: 'crisp', url: 'http://127.0.0.1:5678/workflow/2' },
    ],
    simulated: { visitors: true, intercom: false, crisp: true, model: false },
    silentMinutes: 30,
    offers: null,
    agents: { intercom: null, crisp: null },
  });
  await about.getByText('The visitors and Crisp are simulated.').waitFor();
  const link = (name: RegExp | string) => page.getByRole('link', { name }).getAttribute('href');
  expect(await link('127.0.0.1:5678')).toBe('http://127.0.0.1:5678/home/workflows');
  const conversation = world.asks('75', 'Hello?');
  await row(`conversation:${conversation}`).click();
  await page.getByRole('link', { name: 'Workflow' }).waitFor();
  expect(await link('Workflow')).toBe('http://127.0.0.1:5678/workflow/2');

  const steps = page.getByRole('region', { name: 'How to begin' });
  expect(await steps.getByRole('listitem').count()).toBe(3);
  await page.getByRole('button', { name: 'Hide the steps' }).click();
  await steps.waitFor({ state: 'detached' });
  await page.reload();
  await about.getByText('The visitors and Crisp').waitFor();
  expect(await steps.count()).toBe(0);
  await page.getByRole('button', { name: 'How to begin' }).click();
  await steps.waitFor();
});

it('says who types, and until when the bot makes way for an operator', async () => {
  const conversation = world.asks('75', 'Hello?');
  await open(`#conversation:${conversation}`);
  const state = page.locator('main [role=status]');
  await world.typing(conversation);
  await state.getByText('The bot is typing').waitFor();
  await world.reply(conversation, 'A person here', false);
  await state
    .getByText(/The bot is silent until \d+:\d\d [AP]M, because an operator wrote/)
    .waitFor();
});

it('lists who has left apart from who is on the site', async () => {
  await open('#person:70');
  const away = page.getByRole('list', { name: 'Not on the site' });
  await eventually(async () => (await page.locator('#visitors [data-key]').count()) === 6);
  expect(await away.count()).toBe(0);
  // An answer as it is once somebody has left.
  await page.route('**/api/people', async (route) => {
    const all = (await (await route.fetch()).json()) as { id: string; here: boolean }[];
    await route.fulfill({ json: all.map((one) => ({ ...one, here: one.id !== '72' })) });
  });
  await row('person:71').click();
  await away.getByText('Has left').waitFor();
  expect(await page.locator('#visitors [data-key]').count()).toBe(5);
});

it('stays at the latest message when the window gets narrower', async () => {
  const conversation = world.visitorStarts('70', 'First');
  for (let i = 0; i < 30; i += 1)
    await world.note(conversation, `<p>${'word '.repeat(30)}${i}</p>`);
  await open(`#conversation:${conversation}`);
  await thread().getByText('word 29').waitFor();
  const distance =
    "(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight)(document.getElementById('entries'))";
  await page.setViewportSize({ width: 900, height: 500 });
  await eventually(async () => (await page.evaluate<number>(distance)) < 2);
});

it('keeps a message that could not be sent, and sends it at the next try', async () => {
  await open('#person:70');
  await page.route('**/api/conversations', (route) => route.abort());
  await page.getByRole('textbox').fill('Hello');
  await page.getByRole('textbox').press('Enter');
  await page.getByRole('alert').getByText('Not sent.').waitFor();
  expect(await page.getByRole('textbox').inputValue()).toBe('Hello');
  await page.unroute('**/api/conversations');
  await page.keyboard.press('Enter');
  await thread().getByText('Hello').waitFor();
  failures.length = 0;
});

it('says that its server does not answer, and loads everything when it does', async () => {
  await open('#person:70');
  await page.route('**/api/events', (route) => route.abort());
  await page.reload();
  await page.getByRole('alert').getByText('The simulators are not running.').waitFor();
  expect(await page.locator('.connections .unknown').count()).toBeGreaterThanOrEqual(3);
  await page.unroute('**/api/events');
  await page.getByRole('heading', { name: 'Amara Okafor' }).waitFor();
  await page.locator('.offline').waitFor({ state: 'detached' });
  await eventually(async () => (await page.locator('.connections .unknown').count()) === 0);
  failures.length = 0;
});

it.each([1024, 390])('fits into a width of %i pixels', async (width) => {
  const conversation = world.visitorStarts('72', 'x'.repeat(300));
  await open(`#conversation:${conversation}`, { viewport: { width, height: 800 } });
  await thread().getByText('xxx').waitFor();
  await page.getByRole('button', { name: 'Do 5 things' }).click();
  await page.locator('.action').nth(4).waitFor();
  const tooWide = 'document.documentElement.scrollWidth > document.documentElement.clientWidth';
  expect(await page.evaluate(tooWide)).toBe(false);
  world.offers.report = async () => [{ ...figures, rule: 'y'.repeat(300) }];
  await row('offers').click();
  await page.getByText('yyy').waitFor();
  expect(await page.evaluate(tooWide)).toBe(false);
});
