import type { Browser, Page } from 'playwright-core';
import { admins, demo } from '../../simulators';
import { openEditor, startBrowser } from '../support/browser';
import { enter, formLabels, inputOf, openForm } from '../support/credentialForm';
import { eventually } from '../support/eventually';
import { byId, gallery, inPanel, labels, onCanvas, openWorkflow } from '../support/panels';
import { createStage, type Stage } from '../support/stage';

// What a user sees of the nodes in n8n's editor, in a real browser.

const MEMORY = ['Memory', 'Memory Storage'];

const PANELS: Array<[string, string, Record<string, string>, string[]]> = [
  [
    'stream',
    'autoplayStreamTrigger',
    {},
    ['Credential', 'Leave Out Actions', 'Memory Storage', 'Options'],
  ],
  ['push', 'autoplayPushTrigger', {}, ['Credential', ...MEMORY, 'Leave Out Actions', 'Options']],
  [
    'Recall',
    'autoplaySessionMemory',
    { operation: 'recall' },
    [
      ...['Operation', 'Chat Product', 'Conversation ID', 'Session ID', 'User ID', 'Email'],
      ...['Time Window (Minutes)', 'Max Actions', 'Only New Activity', ...MEMORY, 'Options'],
    ],
  ],
  [
    'Forget',
    'autoplaySessionMemory',
    { operation: 'forget' },
    ['Operation', 'Forget By', 'Value', 'Only in This Memory', ...MEMORY, 'Options'],
  ],
  [
    'after 20 actions',
    'autoplaySummarizeSession',
    {},
    [
      ...['Credential for OpenAI', 'Model Source', 'Model', 'Summarize After (Actions)'],
      ...['Which Sessions', 'Prompt', ...MEMORY, 'Options'],
    ],
  ],
  [
    'Conversation Started, Visitor Replied',
    'intercomConversationTrigger',
    {},
    ['Credential', 'Trigger On', 'Memory Storage'],
  ],
  [
    'Deliver Activity',
    'intercomConversation',
    { resource: 'activity', operation: 'deliver' },
    [
      ...['Credential', 'Resource', 'Operation', 'Pace', 'Note Format', 'Author Name or ID'],
      ...[...MEMORY, 'Options'],
    ],
  ],
  [
    'Redact Note',
    'intercomConversation',
    { resource: 'note', operation: 'redact' },
    ['Credential', 'Resource', 'Operation', 'Conversation ID', 'Note ID'],
  ],
  [
    'Visitor Wrote',
    'crispConversationTrigger',
    {},
    ['Credential', 'Trigger On', 'Message Types', 'Memory Storage'],
  ],
  [
    'Check for Operator',
    'crispConversation',
    { resource: 'message', operation: 'checkForOperator' },
    ['Credential', 'Resource', 'Operation', 'Conversation ID', 'Bot Silence (Minutes)'],
  ],
  [
    'Send Reply',
    'crispConversation',
    { resource: 'message', operation: 'sendOperatorReply' },
    ['Credential', 'Resource', 'Operation', 'Conversation ID', 'Text', 'Nickname', 'Options'],
  ],
  [
    'Get Visitor',
    'crispConversation',
    { resource: 'visitor', operation: 'get' },
    ['Credential', 'Resource', 'Operation', 'Conversation ID', 'Identify By', 'Options'],
  ],
  [
    'Claim Activity',
    'autoplaySessionMemory',
    { operation: 'claimActivity', chat: 'other', chatName: 'zendesk' },
    [
      ...['Operation', 'Chat Product', 'Chat Product Name', 'Pace', 'Note Format'],
      ...[...MEMORY, 'Options'],
    ],
  ],
  [
    'Mark as Not Delivered',
    'autoplaySessionMemory',
    { operation: 'markNotDelivered' },
    ['Operation', 'Claim', 'What Happened', ...MEMORY],
  ],
];

let stage: Stage;
let browser: Browser;
let page: Page;
const errors: string[] = [];
beforeAll(async () => {
  stage = await createStage([]);
  browser = await startBrowser();
  page = await openEditor(browser, stage, { viewport: { width: 1440, height: 1300 } });
  page.on('pageerror', (error) => errors.push(String(error)));
});
afterAll(async () => {
  await browser?.close();
  await stage?.stop();
});

/** Saves nodes as a workflow, each with the stage's credentials unless it has its own, and opens it. */
async function show(...args: Parameters<typeof gallery>): Promise<void> {
  const workflow = gallery(...args);
  const own = args[1].filter(({ credentials }) => credentials);
  const saved = await stage.rest.importWorkflow(workflow, { credentials: stage.credentials });
  for (const { name, credentials } of own) {
    const node = saved.nodes.find((one) => one.name === name)!;
    node.credentials = { ...node.credentials, ...credentials };
  }
  if (own.length > 0) await stage.rest.importWorkflow(saved);
  await openWorkflow(page, saved.id);
}

describe('the node panel', () => {
  const OURS = ['Autoplay Session Memory', 'Autoplay Stream Trigger', 'Autoplay Push Trigger'];
  const CHATS = ['Crisp Conversation', 'Intercom Conversation'];
  it.each([
    ['autoplay', [...OURS, 'Autoplay Summarize Session', ...CHATS]],
    ['intercom', ['Intercom', 'Intercom Conversation']],
    ['crisp', ['Crisp Conversation']],
    ['posthog', [...OURS, ...CHATS]],
    ['session', OURS],
    ['support', CHATS],
    ['chat', CHATS],
    ['redact', CHATS],
    ['visitor activity', OURS],
  ])('finds by "%s" what belongs to it', async (term, expected) => {
    if (!(await byId(page, 'node-creator').isVisible())) {
      await show('Search', [{ name: 'stream', type: 'autoplayStreamTrigger' }]);
      await byId(page, 'node-creator-plus-button').click();
    }
    await byId(page, 'node-creator-search-bar').fill(term);
    const found = () => byId(page, 'node-creator-item-name').allInnerTexts();
    await eventually(async () => {
      const names = await found();
      return expected.every((name) => names.includes(name));
    });
  });
});

describe('panels', () => {
  it('show their fields in order, and the canvas says what each does', async () => {
    await show(
      'Panels',
      PANELS.map(([, type, parameters], i) => ({ name: `node ${i}`, type, parameters })),
    );
    const seen: Record<string, string[]> = {};
    for (const [i, [subtitle]] of PANELS.entries()) {
      seen[subtitle] = await inPanel(page, `node ${i}`, labels);
    }
    expect(seen).toEqual(
      Object.fromEntries(PANELS.map(([subtitle, , , fields]) => [subtitle, fields])),
    );
    for (const [i, [subtitle]] of PANELS.entries()) {
      // The two triggers of Autoplay say what they bring, the others what is chosen.
      if (i > 1) expect(await onCanvas(page, `node ${i}`).innerText()).toContain(subtitle);
    }
    for (const [subtitle, outputs] of [
      ['Deliver Activity', /Delivered\s+Not Linked/],
      ['Claim Activity', /To Post\s+Nothing to Post/],
      ['Check for Operator', /No Operator\s+Taken Over/],
    ] as const) {
      const at = PANELS.findIndex(([of]) => of === subtitle);
      expect(await onCanvas(page, `node ${at}`).innerText()).toMatch(outputs);
    }
    expect(errors).toEqual([]);
  });

  it('offer the admins of Intercom and the models of the server', async () => {
    await inPanel(page, 'node 6', async () => {
      const author = byId(page, 'parameter-input-adminId');
      // Until they are loaded, a click opens an empty list.
      const chosen = author.locator('input').first();
      await eventually(async () => (await chosen.inputValue()).startsWith("Access Token's"));
      await author.click();
      for (const { name } of admins) await page.getByRole('option', { name }).waitFor();
      await page.getByRole('option', { name: admins[1]!.name }).click();
    });
    await inPanel(page, 'node 4', async () => {
      await byId(page, 'rlc-input').click();
      await byId(page, 'rlc-item').getByText('gpt-5-mini').click();
    });
  });

  it('ask for the name of another chat product, and say when it cannot be one', async () => {
    await show('Chats', [
      { name: 'link', type: 'autoplaySessionMemory', parameters: { operation: 'link' } },
    ]);
    await inPanel(page, 'link', async (panel) => {
      expect(await labels(panel)).not.toContain('Chat Product Name');
      await byId(panel, 'parameter-input-chat').click();
      await page.getByRole('option', { name: 'Other' }).click();
      const name = byId(panel, 'parameter-input-chatName').locator('input');
      await name.waitFor();
      const fault = panel.getByText("This cannot be a chat product's name.");
      expect(await fault.count()).toBe(0);
      await name.fill('help scout');
      await fault.waitFor();
      await name.fill('help_scout');
      await fault.waitFor({ state: 'detached' });
      await name.fill('');
      await byId(panel, 'parameter-issues').first().hover();
      await page.getByText('Parameter "Chat Product Name" is required').first().waitFor();
    });
  });

  it('say what is wrong with a credential where they cannot', async () => {
    const wrong = async (type: string, fields: object) => ({
      [type]: await stage.rest.upsertCredential(type, `wrong ${type}`, {
        ...stage.fieldsOf(type),
        ...fields,
      }),
    });
    await show('Wrong', [
      {
        name: 'intercom',
        type: 'intercomConversation',
        credentials: await wrong('intercomConversationApi', { accessToken: 'wrong' }),
      },
      {
        name: 'summarize',
        type: 'autoplaySummarizeSession',
        credentials: await wrong('openAiApi', { apiKey: 'wrong' }),
      },
    ]);
    await inPanel(page, 'intercom', async (panel) => {
      await byId(panel, 'parameter-issues').hover();
      await page
        .getByText(/Intercom refused.*Check Access Token and Region/)
        .first()
        .waitFor();
    });
    await inPanel(page, 'summarize', async () => {
      await byId(page, 'rlc-input').click();
      await page.getByText('Check API Key in the OpenAI credential').waitFor();
      await page.keyboard.press('Escape');
    });
  });
});

describe('the form of a credential', () => {
  const NO_SECRET = 'every delivery is refused';
  it.each<[string, string[], hidden: string[], below: string[]]>([
    ['Autoplay Connector API', ['Stream URL*', 'Token'], ['token'], ['ends in /stream/']],
    ['Autoplay Push API', ['Secret*'], ['secret'], [NO_SECRET]],
    ['Autoplay Memory API', ['Storage', 'Retention (Hours)'], [], ['Queue mode requires']],
    [
      'Intercom Conversation API',
      ['Access Token*', 'Region', 'Client Secret', 'Allowed HTTP Request Domains'],
      ['accessToken', 'clientSecret'],
      ['Authentication', 'app.eu.intercom.com', NO_SECRET],
    ],
    [
      'Crisp Conversation API',
      [
        ...['Website ID*', 'Token Tier', 'Token Identifier*', 'Token Key*', 'Webhook Secret'],
        ...['Base URL*', 'Allowed HTTP Request Domains'],
      ],
      ['tokenKey', 'webhookSecret'],
      ['Setup & Integrations', NO_SECRET],
    ],
  ])('of %s says what goes where, and shows no secrets', async (type, fields, hidden, below) => {
    const form = await openForm(page, type);
    expect(await formLabels(form)).toEqual(fields);
    for (const field of hidden) {
      expect(await inputOf(form, field).getAttribute('type')).toBe('password');
    }
    // Without anybody pointing at anything, as n8n's descriptions would need it.
    for (const words of below) expect(await form.innerText()).toContain(words);
  });

  it('has fields for a server and for another address where they matter', async () => {
    const memory = await openForm(page, 'Autoplay Memory API');
    await enter(memory, { storage: 'PostgreSQL' });
    expect(await formLabels(memory)).toEqual([
      ...['Storage', 'Host', 'Port', 'Database', 'User', 'Password', 'SSL', 'Retention (Hours)'],
    ]);
    const intercom = await openForm(page, 'Intercom Conversation API');
    await enter(intercom, { region: 'Custom' });
    expect((await formLabels(intercom)).slice(0, 4)).toEqual([
      ...['Access Token*', 'Region', 'Base URL*', 'Client Secret'],
    ]);
  });

  it('says what to do when it is saved with a wrong value, and takes copied ones', async () => {
    const form = await openForm(page, 'Intercom Conversation API');
    const { baseUrl, accessToken } = stage.fieldsOf('intercomConversationApi');
    await enter(form, { region: 'Custom', baseUrl: `${baseUrl!}/ `, accessToken: 'wrong' });
    await byId(page, 'credential-save-button').click();
    await form.getByText('More details').click();
    await form.getByText('Check Access Token and Region').waitFor();
    await enter(form, { accessToken: ` ${accessToken!} ` });
    await byId(page, 'credential-save-button').click();
    await form.getByText('Connection tested successfully').waitFor();
    expect(errors).toEqual([]);
  });
});

describe('a test in the editor', () => {
  it('shows the activity that comes, or why none can', async () => {
    const autoplayConnectorApi = await stage.rest.upsertCredential(
      'autoplayConnectorApi',
      'wrong token',
      { ...stage.fieldsOf('autoplayConnectorApi'), token: 'uk_live_wrong' },
    );
    await show('Streams', [
      { name: 'right', type: 'autoplayStreamTrigger' },
      { name: 'wrong', type: 'autoplayStreamTrigger', credentials: { autoplayConnectorApi } },
    ]);
    await inPanel(page, 'wrong', async () => {
      await byId(page, 'node-execute-button').click();
      await byId(page, 'node-error-message').getByText('does not accept the token').waitFor();
      await byId(page, 'node-error-description').getByText('Check the token').waitFor();
    });
    await inPanel(page, 'right', async () => {
      await byId(page, 'node-execute-button').click();
      const { connector } = stage;
      await eventually(() => connector.stats(demo.productId).subscribers === 1);
      const actions = [{ type: 'click', title: 'Export', description: 'User clicked Export' }];
      connector.send(demo.productId, { type: 'actions', session_id: 'seen-live', actions });
      await byId(page, 'output-panel').getByText('seen-live').first().waitFor();
    });
  });

  it('of a prompt without {actions} says what to do, in the panel before and in the error after', async () => {
    await show(
      'Prompt',
      [
        { name: 'start', type: 'n8n-nodes-base.manualTrigger' },
        { name: 'summarize', type: 'autoplaySummarizeSession', parameters: { prompt: 'Sum up.' } },
      ],
      [['start', 'summarize']],
    );
    await inPanel(page, 'summarize', async (panel) => {
      const advice = 'Put {actions} where the actions should stand.';
      await panel.getByText(advice).waitFor();
      await byId(page, 'node-execute-button').click();
      await byId(page, 'node-error-message').getByText(advice).waitFor();
      await panel.locator('textarea').first().fill('Sum up {actions}');
      await panel.getByText(advice).waitFor({ state: 'detached' });
    });
  });
});

it('has icons of its own for the dark', async () => {
  const files = async (on: Page) => {
    const icons = on.locator('[data-test-id="canvas-node"] img');
    await icons.first().waitFor();
    return await icons.evaluateAll((all) => all.map((icon) => icon.getAttribute('src')));
  };
  const light = await files(page);
  expect(light).toEqual([expect.stringContaining('summarize.svg')]);
  const dark = await openEditor(browser, stage, { colorScheme: 'dark' });
  await openWorkflow(dark, page.url().split('/workflow/')[1]!.split(/[/?]/)[0]!);
  expect(await files(dark)).toEqual([expect.stringContaining('summarize.dark.svg')]);
  await dark.context().close();
});
