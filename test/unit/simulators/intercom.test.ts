import {
  createIntercomSimulator,
  type IntercomOptions,
  REDACTED_BODY,
  sanitise,
} from '../../../simulators/intercom';
import { manualClock } from './support';

const clock = manualClock();
const running: { close(): Promise<void> }[] = [];

interface Answer {
  status: number;
  headers: Headers;
  body: any;
}

async function start(options: Partial<IntercomOptions> = {}) {
  const intercom = createIntercomSimulator({ accessToken: 'dG9rOmRlbW8=', clock, ...options });
  running.push(intercom);
  const { url, port } = await intercom.listen();
  const usual = {
    Authorization: 'Bearer dG9rOmRlbW8=',
    'Content-Type': 'application/json',
    'Intercom-Version': '2.14',
  };
  const call = async (
    method: string,
    path: string,
    body?: unknown,
    headers = {},
  ): Promise<Answer> => {
    const payload =
      body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(url + path, {
      method,
      headers: { ...usual, ...headers },
      body: payload,
    });
    return { status: response.status, headers: response.headers, body: await response.json() };
  };
  const visitor = { external_id: '70', email: 'amara@example.com', name: 'Amara' };
  const conversation = intercom.visitorStarts({ ...visitor, text: 'Hello there' });
  const note = (body: string, more = {}): Promise<Answer> =>
    call('POST', `/conversations/${conversation.id}/reply`, {
      message_type: 'note',
      type: 'admin',
      admin_id: '9912674',
      body,
      ...more,
    });
  const redact = (part: string, id = conversation.id): Promise<Answer> =>
    call('POST', '/conversations/redact', {
      type: 'conversation_part',
      conversation_id: id,
      conversation_part_id: part,
    });
  return { intercom, url, port, call, conversation, note, redact };
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.close()));
});

const partsOf = ({ body }: Answer): any[] => body.conversation_parts.conversation_parts;

describe('notes', () => {
  it('answers a note with the whole conversation, without saying which part is new', async () => {
    const { note } = await start();
    const answer = await note('<p>[1] User clicked Sign up</p>');
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      type: 'conversation',
      source: { body: '<p>Hello there</p>', author: { type: 'user', email: 'amara@example.com' } },
      contacts: { contacts: [{ external_id: '70' }] },
    });
    expect(partsOf(answer)).toMatchObject([
      {
        type: 'conversation_part',
        part_type: 'note',
        body: '<p>[1] User clicked Sign up</p>',
        created_at: Math.floor(clock.now() / 1_000),
        author: { type: 'admin', id: '9912674' },
        redacted: false,
      },
    ]);
  });

  it('shows the 500 newest parts in no particular order', async () => {
    const { note } = await start();
    for (let count = 0; count < 509; count += 1) await note(`<p>${count}</p>`);
    const answer = await note('<p>509</p>');
    const ids = partsOf(answer).map(({ id }) => Number(id));
    expect(ids).toHaveLength(500);
    expect(answer.body.conversation_parts.total_count).toBe(510);
    expect(ids).not.toEqual([...ids].sort((a, b) => a - b));
    expect(Math.max(...ids) - Math.min(...ids)).toBe(499);
  });

  it.each([
    [
      'plain & simple\nnext line\n\nnext paragraph',
      '<p>plain &amp; simple<br>next line</p>\n<p>next paragraph</p>',
    ],
    ['<p>a<br/>b</p><p>&quot;c&quot;</p>', '<p>a<br>b</p>\n<p>"c"</p>'],
    ['<p class="x">a<!-- marker --></p><script>alert(1)</script>', '<p>a</p>'],
    ['<div>a</div><div><b onclick="x">b</b></div>', '<p>a</p>\n<p><b>b</b></p>'],
    ['<ul><li>x<li>y</ul>', '<ul>\n<li>x</li>\n<li>y</li>\n</ul>'],
    ['<a href="javascript:alert(1)">x</a>', '<p><a>x</a></p>'],
    ['&lt;b&gt;Sign &amp; go&lt;/b&gt;', '<p>&lt;b&gt;Sign &amp; go&lt;/b&gt;</p>'],
  ])('stores %j as %j', (sent, stored) => {
    expect(sanitise(sent)).toBe(stored);
  });
});

describe('redacting', () => {
  it('replaces the body and marks the part', async () => {
    const { note, redact } = await start();
    const [part] = partsOf(await note('<p>secret</p>'));
    const answer = await redact(part.id);
    expect(answer.status).toBe(200);
    expect(partsOf(answer)[0]).toMatchObject({ id: part.id, redacted: true, body: REDACTED_BODY });
  });

  it('answers 404 for an unknown part and 400 for a redacted one', async () => {
    const { note, redact } = await start();
    const [part] = partsOf(await note('<p>secret</p>'));
    const unknown = await redact('12');
    expect([unknown.status, unknown.body.errors[0].code]).toEqual([
      404,
      'conversation_part_or_message_not_found',
    ]);
    expect((await redact(part.id, '12')).status).toBe(404);
    await redact(part.id);
    const again = await redact(part.id);
    expect([again.status, again.body.errors[0].code]).toEqual([
      400,
      'conversation_part_not_redactable',
    ]);
  });
});

describe('what it refuses', () => {
  it.each([
    ['no token', { Authorization: '' }, 401, 'unauthorized'],
    ['a wrong token', { Authorization: 'Bearer other' }, 401, 'token_not_found'],
    ['a body not declared as JSON', { 'Content-Type': 'text/plain' }, 400, 'bad_request'],
  ])('%s', async (_, headers, status, code) => {
    const { call, conversation } = await start();
    const answer = await call('POST', `/conversations/${conversation.id}/reply`, {}, headers);
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual({
      type: 'error.list',
      request_id: expect.any(String),
      errors: [expect.objectContaining({ code, message: expect.any(String) })],
    });
  });

  it.each([
    ['an unknown admin', { admin_id: '1' }, 404, 'admin_not_found'],
    ['no admin', { admin_id: undefined }, 400, 'parameter_not_found'],
    ['an empty body', { body: '<p> </p>' }, 400, 'parameter_not_found'],
    ['no body', { body: undefined }, 400, 'parameter_not_found'],
    ['an unknown kind of message', { message_type: 'letter' }, 400, 'parameter_invalid'],
    ['a note by a contact', { type: 'user' }, 400, 'parameter_invalid'],
  ])('%s', async (_, more, status, code) => {
    const { note, intercom } = await start();
    const answer = await note('<p>x</p>', more);
    expect([answer.status, answer.body.errors[0].code]).toEqual([status, code]);
    expect(intercom.journal.mutations).toHaveLength(1);
  });

  it('an unknown conversation, and broken JSON', async () => {
    const { call, conversation } = await start();
    const body = { message_type: 'note', type: 'admin', admin_id: '9912674', body: 'x' };
    const gone = await call('POST', '/conversations/1/reply', body);
    expect([gone.status, gone.body.errors[0].code]).toEqual([404, 'not_found']);
    expect((await call('POST', `/conversations/${conversation.id}/reply`, '{"a":')).status).toBe(
      400,
    );
  });

  it('no request for its version, but notes the violation', async () => {
    const { call, intercom } = await start();
    expect((await call('GET', '/me', undefined, { 'Intercom-Version': '7.1' })).status).toBe(200);
    await call('GET', '/me');
    expect(intercom.journal.violations).toMatchObject([{ rule: 'version-unknown', path: '/me' }]);
  });
});

describe('the rate limit', () => {
  it('spreads a minute over windows of ten seconds, and names the start of the next', async () => {
    const { call } = await start({ rateLimit: 12 });
    const first = await call('GET', '/me');
    const reset = (Math.floor(clock.now() / 10_000) + 1) * 10;
    expect(first.headers.get('x-ratelimit-limit')).toBe('2');
    expect(first.headers.get('x-ratelimit-remaining')).toBe('1');
    expect(first.headers.get('x-ratelimit-reset')).toBe(String(reset));
    await call('GET', '/me');
    const refused = await call('GET', '/me');
    expect([refused.status, refused.body.errors[0].code]).toEqual([429, 'rate_limit_exceeded']);
    clock.advance(10_000);
    expect((await call('GET', '/me')).status).toBe(200);
  });
});
