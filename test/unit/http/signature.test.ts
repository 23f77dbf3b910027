import * as crypto from 'node:crypto';
import { isFromCrisp } from '../../../core/crisp/webhook';
import { constantTimeEqual, hasValidSignature, isSecret } from '../../../core/http/signature';
import { isFromIntercom } from '../../../core/intercom/webhook';

const compared: number[][] = [];
jest.mock('node:crypto', () => {
  const real = jest.requireActual<typeof crypto>('node:crypto');
  return {
    ...real,
    timingSafeEqual(a: Buffer, b: Buffer) {
      compared.push([a.length, b.length]);
      return real.timingSafeEqual(a, b);
    },
  };
});
beforeEach(() => void (compared.length = 0));

const body = Buffer.from('{}');
const GUESSES = [
  '',
  'x',
  'sha1=',
  'k'.repeat(64),
  'secret',
  'secreT',
  'x'.repeat(10_000),
  'ü\ud800',
];

describe('a guess is compared in the same way, however wrong it is', () => {
  const crisp = (fields: object) => ({ headers: {}, query: {}, rawBody: body, ...fields });
  it.each<[string, (guess: string) => boolean]>([
    ['as a key in a URL', (key) => isFromCrisp(crisp({ query: { key } }), 'secret', 0)],
    [
      'as the signature of a plugin',
      (guess) =>
        isFromCrisp(
          crisp({ headers: { 'x-crisp-signature': guess, 'x-crisp-request-timestamp': '0' } }),
          'secret',
          0,
        ),
    ],
    [
      'as Intercom’s signature',
      (guess) => isFromIntercom({ 'x-hub-signature': guess }, body, 'secret'),
    ],
    ['as a signature', (guess) => hasValidSignature('sha256', guess, body, 'secret')],
    ['as a text', (guess) => constantTimeEqual(guess, 'secret')],
  ])('%s', (_, check) => {
    for (const guess of GUESSES) check(guess);
    // Once for each, and of equal lengths, which tell nothing of the secret's.
    expect(compared).toEqual(GUESSES.map(() => [32, 32]));
  });
});

it('only an equal text is accepted', () => {
  expect(constantTimeEqual('secret', 'secret')).toBe(true);
  expect(GUESSES.filter((guess) => constantTimeEqual(guess, 'secret'))).toEqual(['secret']);
});

it('a blank secret counts as none', () => {
  expect(['', ' ', '\t\n'].filter(isSecret)).toEqual([]);
  expect(isSecret('s')).toBe(true);
  const signature = crypto.createHmac('sha1', ' ').update(body).digest('hex');
  expect(isFromIntercom({ 'x-hub-signature': `sha1=${signature}` }, body, ' ')).toBe(false);
  const keyed = { headers: {}, query: { key: ' ' }, rawBody: body };
  expect(isFromCrisp(keyed, ' ', 0)).toBe(false);
});
