import { fetchWithout, hideIn, hideSecrets, secretsIn } from '../../../core/http/secrets';

const hide = hideSecrets(['sk-key', 'sk-key-longer', 'a b/c?', '', 'x']);

it('secrets are hidden, also in their URL-encoded form', () => {
  expect(hide('Incorrect sk-key, sk-key-longer; ?k=a%20b%2Fc%3F a b/c?')).toBe(
    'Incorrect [hidden], [hidden]; ?k=[hidden] [hidden]',
  );
});

it('a short or empty secret hides nothing', () => {
  expect(hide('an example')).toBe('an example');
});

it('secrets are hidden in every text of a value', () => {
  const value = { errors: [{ message: 'no sk-key', code: 401 }], data: null };
  expect(hideIn(value, hide)).toEqual({
    errors: [{ message: 'no [hidden]', code: 401 }],
    data: null,
  });
});

it('the password and the values of an address’s query are secrets', () => {
  expect(secretsIn('https://me:p%40ss@h.example/v1?token=t0ken&x=1')).toEqual([
    'p%40ss',
    'p@ss',
    't0ken',
    '1',
  ]);
  expect(secretsIn('https://h.example/v1').filter(Boolean)).toEqual([]);
  expect(secretsIn('no address')).toEqual([]);
});

describe('a fetch without secrets', () => {
  it('hides those that a refusal quotes', async () => {
    const refusing = async () => new Response('{"error":"sk-key"}', { status: 401 });
    const response = await fetchWithout(refusing, hide)('https://h.example');
    expect([response.status, await response.text()]).toEqual([401, '{"error":"[hidden]"}']);
  });

  it('hides those that an error quotes, and throws the same error', async () => {
    const failure = new TypeError('cannot reach https://h.example?k=sk-key');
    const failing = async () => await Promise.reject(failure);
    await expect(fetchWithout(failing, hide)('https://h.example')).rejects.toBe(failure);
    expect(failure.message).toBe('cannot reach https://h.example?k=[hidden]');
  });

  it('hides those that a refusal with a 2xx status quotes', async () => {
    const refusing = async () => new Response('{"error":"sk-key"}', { status: 200 });
    const response = await fetchWithout(refusing, hide)('https://h.example');
    expect([response.status, await response.text()]).toEqual([200, '{"error":"[hidden]"}']);
  });

  it('leaves an answer without a body alone', async () => {
    const answer = new Response(null, { status: 204 });
    expect(await fetchWithout(async () => answer, hide)('https://h.example')).toBe(answer);
  });
});
