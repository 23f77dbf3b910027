import type { AskParts } from '../../../core/agents/ask';
import type { RecallQuery, Recollection } from '../../../core/memory/types';
import { askAsFin, askAsHugo, signToken } from '../../../simulators/agents';
import { hugoHeaders } from '../../../simulators/agents/hugo';
import { systemClock } from '../../../core/clock';
import { finToken, hugo, HUGO_SECRET, TOKEN_SECRET, WEBSITE } from '../../support/agents';
import { serveAgents } from '../../support/contextServer';
import { manualClock, receiver, until } from './support';

const UUID = '019a4c1e-6f0b-4c3e-9d55-2b1f0c7a8e21';
const occasion = { question: 'Why does this not work?', forged: false };

/** A context server whose memory knows one session, and what it was asked. */
async function knowing(asker: AskParts['asker'], known: (query: RecallQuery) => boolean) {
  const queries: RecallQuery[] = [];
  const session = { product_id: 'p', session_id: 's-1', user_id: '70', email: null };
  const found = { session, last_seen_at: Date.now(), summary: 'They compared plans.', actions: [] };
  const recall = (query: RecallQuery) => {
    queries.push(query);
    return Promise.resolve(known(query) ? (found as unknown as Recollection) : null);
  };
  return { queries, ...(await serveAgents({ asker, recall })) };
}

let server: Awaited<ReturnType<typeof knowing>>;
afterEach(() => void server?.close());

describe('Fin', () => {
  const address = (secret = TOKEN_SECRET) => ({ url: server.url, secret });
  beforeEach(async () => {
    server = await knowing(finToken, ({ user_id }) => user_id === '70');
  });

  it('is told of the user whom the site’s token names', async () => {
    const exchange = await askAsFin(address(), '70', occasion, systemClock);
    expect(exchange).toMatchObject({
      ...{ agent: 'Fin', status: 200, forged: false, question: occasion.question },
      answer: { found: true, summary: 'They compared plans.' },
    });
    expect(exchange.identity).toContainEqual({ name: 'user_id', value: '70' });
  });

  it('hears in fields that nothing is known of another user', async () => {
    const { status, answer } = await askAsFin(address(), '71', occasion, systemClock);
    expect([status, answer?.found]).toEqual([200, false]);
  });

  it('is refused with a forged token, and without one', async () => {
    const forged = await askAsFin(address(), '70', { ...occasion, forged: true }, systemClock);
    const anonymous = await askAsFin(address(), null, occasion, systemClock);
    expect([forged.status, forged.answer]).toEqual([401, null]);
    expect([anonymous.status, anonymous.answer, anonymous.identity]).toEqual([401, null, []]);
    expect(server.queries).toEqual([]);
  });

  it('signs tokens as JWT demands', () => {
    // Made with other means: the key is `example-secret`.
    expect(signToken({ user_id: 'u_42', exp: 4_102_444_800 }, 'example-secret')).toBe(
      'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VyX2lkIjoidV80MiIsImV4cCI6NDEwMjQ0NDgwMH0.u6DZBMAOn8uWhTxC9zBksiCbK8ra_7FQPkGT0W1HMNQ',
    );
  });
});

describe('Hugo', () => {
  const address = (secret = HUGO_SECRET) => ({
    url: server.url,
    secret,
    token: '',
    websiteId: WEBSITE,
  });
  beforeEach(async () => {
    server = await knowing(hugo, ({ conversation_id }) => conversation_id === `session_${UUID}`);
  });

  it('is told of the visitor of the conversation that the signed request names', async () => {
    const exchange = await askAsHugo(address(), `session_${UUID}`, occasion, systemClock);
    expect(exchange).toMatchObject({
      ...{ agent: 'Hugo', status: 200 },
      answer: { found: true, summary: 'They compared plans.' },
    });
    expect(exchange.identity.map(({ name }) => name)).toEqual([
      'X-Crisp-Website-Id',
      'X-Crisp-Timestamp',
      'X-Crisp-Signature',
      'X-Crisp-Session-Id',
    ]);
    expect(exchange.identity.at(-1)!.value).toBe(UUID);
  });

  it('hears in fields that nothing is known of another conversation', async () => {
    const other = `session_${UUID.replace('019a', '019b')}`;
    const { status, answer } = await askAsHugo(address(), other, occasion, systemClock);
    expect([status, answer?.found]).toEqual([200, false]);
  });

  it('is refused with a forged signature', async () => {
    const id = `session_${UUID}`;
    const { status, answer, text } = await askAsHugo(
      address(),
      id,
      { ...occasion, forged: true },
      systemClock,
    );
    expect([status, answer, text]).toEqual([401, null, '{"error":"bad_signature"}']);
    expect(server.queries).toEqual([]);
  });

  it('signs as Crisp documents it', () => {
    const body =
      '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"visitor_activity","arguments":{}}}';
    const signing = { websiteId: WEBSITE, secret: HUGO_SECRET, token: '' };
    expect(hugoHeaders(body, signing, 1_767_225_600_000)['X-Crisp-Signature']).toBe(
      'sha256=e76f14a621e63c62e4dc657d1ea6309f914024e0520fd52193447562dbe28a85',
    );
  });
});

it('an agent gives up when there is no answer', async () => {
  const { url, received, close } = await receiver(0);
  const clock = manualClock();
  const asking = askAsFin({ url, secret: 'secret' }, '70', occasion, clock);
  await until(() => received.length === 1);
  clock.advance(15_000);
  expect(await asking).toMatchObject({ status: 0, ms: 15_000, answer: null, text: '' });
  close();
});
