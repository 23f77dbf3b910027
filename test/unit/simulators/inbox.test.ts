import { createConnectorSimulator, createCrowd } from '../../../simulators/connector';
import { createInboxServer } from '../../../simulators/inbox';
import { createIntercomSimulator } from '../../../simulators/intercom';
import { createRandom } from '../../../simulators/random';
import { collect, until } from './support';

const people = [
  { id: '70', name: 'Amara', email: 'amara@example.com' },
  { id: '71', name: 'Jonas', email: 'jonas@example.com' },
];
const connector = createConnectorSimulator({ products: { board: { token: '' } } });
const crowd = createCrowd({ connector, productId: 'board', people, random: createRandom(2) });
let intercom: ReturnType<typeof createIntercomSimulator>;
let inbox: ReturnType<typeof createInboxServer>;
let url: string;

beforeEach(async () => {
  intercom = createIntercomSimulator({ accessToken: 'token' });
  inbox = createInboxServer({ intercom, connector, crowd, productId: 'board' });
  ({ url } = await inbox.listen());
});
afterEach(() => inbox.close());

const get = async (path: string): Promise<any> => (await fetch(url + path)).json();
const post = async (path: string, body: unknown, type = 'application/json') => {
  const headers = { 'Content-Type': type };
  const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: response.status, value: (await response.json()) as any };
};

describe('the inbox', () => {
  it('lets one write as any visitor', async () => {
    const { value } = await post('/api/conversations', { personId: '70', text: 'Hello <b>' });
    await post(`/api/conversations/${value.id}/replies`, { text: 'Still there?' });
    expect(await get('/api/conversations')).toMatchObject([
      { id: value.id, personId: '70', name: 'Amara', preview: 'Still there?' },
    ]);
    const { entries, email } = await get(`/api/conversations/${value.id}`);
    expect(email).toBe('amara@example.com');
    expect(entries).toMatchObject([
      { kind: 'message', body: '<p>Hello &lt;b&gt;</p>', author: 'Amara' },
      { kind: 'message', body: '<p>Still there?</p>' },
    ]);
  });

  it('tells notes with actions, summaries, other notes and replies apart', async () => {
    const conversation = intercom.visitorStarts({ external_id: '70', text: 'Hi' });
    const { url: api } = await intercom.listen();
    const header = 'session_id: s1<br>timestamp: 2026-01-15 12:34:50 UTC';
    for (const [message_type, body] of [
      ['note', `<p>${header}</p><p>[1] User clicked Export</p>`],
      ['note', `<p>${header}</p><p>They tried to export.</p>`],
      ['note', '<p>Call them tomorrow</p>'],
      ['comment', '<p>Hello</p>'],
    ]) {
      await fetch(`${api}/conversations/${conversation.id}/reply`, {
        method: 'POST',
        headers: { Authorization: 'Bearer token', 'Content-Type': 'application/json' },
        body: JSON.stringify({ message_type, type: 'admin', admin_id: '9912674', body }),
      });
    }
    const { entries } = await get(`/api/conversations/${conversation.id}`);
    expect(entries.map(({ kind }: any) => kind)).toEqual([
      'message',
      'activity',
      'summary',
      'note',
      'reply',
    ]);
    await intercom.close();
  });

  it('makes a visitor act, and shows what they did', async () => {
    const done = await post('/api/people/71/acts', { act: 'export-fails' });
    expect(done.value).toEqual({ count: 4 });
    const activity = await get('/api/people/71/activity');
    expect(activity.at(-1)).toMatchObject({
      type: 'click',
      description: 'User clicked Try again button on the export page',
      path: expect.stringMatching(/^\/boards\/\d+\/export$/),
    });
    expect(await get('/api/people/70/activity')).toEqual([]);
  });

  it('switches a visitor’s own acting off and on', async () => {
    await post('/api/people/71/active', { active: false });
    expect(await get('/api/people')).toMatchObject([
      { id: '70', active: true, sessionId: crowd.visitor('70').sessionId },
      { id: '71', active: false },
    ]);
    expect((await post('/api/people/71/active', { active: true })).value).toEqual({ active: true });
  });

  it('streams what happens', async () => {
    const events = collect(await fetch(`${url}/api/events`));
    await until(() => events.text !== '');
    await post('/api/people/70/acts', { act: 'visit-pricing' });
    const { value } = await post('/api/conversations', { personId: '70', text: 'Hi' });
    await until(() => events.text.includes('event: conversation'));
    expect(events.text).toContain('event: activity\ndata: {"personId":"70","actions":[');
    expect(events.text).toContain(`"id":"${value.id}"`);
  });

  it('keeps out what is not JSON, empty texts and unknown people', async () => {
    const start = (body: unknown, type?: string) => post('/api/conversations', body, type);
    expect((await start({ personId: '70', text: 'Hi' }, 'text/plain')).status).toBe(400);
    expect((await start({ personId: '70', text: '  ' })).status).toBe(400);
    expect((await start({ personId: '99', text: 'Hi' })).status).toBe(404);
    expect((await post('/api/people/99/acts', { act: 'visit-pricing' })).status).toBe(404);
    expect((await post('/api/people/70/acts', { act: 'toString' })).status).toBe(400);
    expect((await post('/api/conversations/99/replies', { text: 'Hi' })).status).toBe(404);
    expect((await post('/api/nothing', {})).status).toBe(404);
  });

  it('serves its page, which loads nothing from elsewhere, and no other file', async () => {
    const page = await fetch(url);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(await page.text()).toContain('<title>Inbox');
    expect((await fetch(`${url}/app.js`)).status).toBe(200);
    expect((await fetch(`${url}/..%2fserver.ts`)).status).toBe(404);
  });
});
