import { readHugo } from '../../../core/agents/hugo';
import { HUGO_SECRET, NOW, request, signed, WEBSITE } from '../../support/agents';

// The signature was computed by another program, by the rules that Crisp documents.
const BODY =
  '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"visitor_activity","arguments":{}}}';
const HEADERS = {
  'x-crisp-website-id': WEBSITE,
  'x-crisp-timestamp': '1767225600',
  'x-crisp-signature': 'sha256=e76f14a621e63c62e4dc657d1ea6309f914024e0520fd52193447562dbe28a85',
};
const rules = { secrets: [HUGO_SECRET], websiteId: WEBSITE };
const UUID = '019a4c1e-6f0b-4c3e-9d55-2b1f0c7a8e21';

it('accepts what Crisp signs, and nothing that was written anew', () => {
  const { rawBody } = request({ body: BODY });
  expect(rawBody).toHaveLength(98);
  expect(readHugo({ headers: HEADERS, rawBody }, rules, NOW)).toEqual({
    ok: true,
    conversationId: null,
  });
  const rewritten = Buffer.from(BODY.replaceAll(':', ': ').replaceAll(',', ', '));
  expect(readHugo({ headers: HEADERS, rawBody: rewritten }, rules, NOW)).toEqual({
    ok: false,
    why: 'bad_signature',
  });
});

it.each([
  ['session_' + UUID, `session_${UUID}`],
  [UUID, `session_${UUID}`],
  [UUID.toUpperCase(), `session_${UUID}`],
])('takes the session %s', (session, conversationId) => {
  expect(readHugo(signed({}, { session }), rules, NOW)).toEqual({ ok: true, conversationId });
});

it.each(['', 'session_', 'x', `session_session_${UUID}`, `${UUID}1`])(
  'refuses the session %j',
  (session) => {
    expect(readHugo(signed({}, { session }), rules, NOW)).toEqual({
      ok: false,
      why: 'bad_session',
    });
  },
);

it.each([
  [300, true],
  [-300, true],
  [301, false],
  [-301, false],
])('a request of %i seconds ago counts: %p', (seconds, ok) => {
  const read = readHugo(signed({}, { now: NOW - seconds * 1_000 }), rules, NOW);
  expect(read.ok).toBe(ok);
});

it('takes the old and the new secret, and neither none nor an empty one', () => {
  const request = signed({}, { secret: 'mcp_sec_old' });
  const read = (secrets: string[]) => readHugo(request, { ...rules, secrets }, NOW).ok;
  expect(read([HUGO_SECRET, 'mcp_sec_old'])).toBe(true);
  expect(read([HUGO_SECRET])).toBe(false);
  expect(read([])).toBe(false);
  expect(readHugo(signed({}, { secret: '' }), { ...rules, secrets: [''] }, NOW).ok).toBe(false);
});

it('refuses another website, also one that is signed, and any where none is set', () => {
  const other = signed({}, { website: '99999999-2222-4333-8444-555555555555' });
  expect(readHugo(other, rules, NOW)).toEqual({ ok: false, why: 'other_website' });
  const none = signed({}, { website: '' });
  expect(readHugo(none, { ...rules, websiteId: '' }, NOW).ok).toBe(false);
});
