import { OutcomeUnknownError, ServiceError, UnreachableError } from '../../../core/http/errors';
import { createPace } from '../../../core/http/pace';
import {
  createService,
  type ServiceOptions,
  type ServiceResponse,
} from '../../../core/http/service';
import { createImpatientClock } from '../../support/service';

type Answer = Partial<ServiceResponse> | { code: string; message?: string };

/** A service that gives these answers one after the other. */
function serviceOf(...answers: Answer[]) {
  return serviceWith({}, ...answers);
}

function serviceWith(options: Partial<ServiceOptions>, ...answers: Answer[]) {
  let calls = 0;
  let isAway = false;
  const { clock } = createImpatientClock();
  const service = createService({
    name: 'Chat',
    pace: createPace({ clock, maxConcurrent: 5 }),
    clock,
    random: () => 0.5,
    isAway: () => isAway,
    readError: () => ({ code: 'code', message: 'message' }),
    ...options,
    async send() {
      const answer = answers[Math.min(calls++, answers.length - 1)]!;
      if ('code' in answer) throw Object.assign(new TypeError('failed'), answer);
      return { status: 200, headers: {}, body: {}, ...answer };
    },
  });
  return { service, calls: () => calls, setAway: (next: boolean) => void (isAway = next) };
}
const POST = { method: 'POST' as const, url: 'https://chat.example/notes' };
const once = { repeatable: false };

it.each(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'])(
  'a request that never left (%s) is repeated, even one that must not be done twice',
  async (code) => {
    const { service, calls } = serviceOf({ code }, { code }, { body: { id: 1 } });
    expect(await service.call(POST, once)).toEqual({ id: 1 });
    expect(calls()).toBe(3);
    const away = serviceOf({ code });
    await expect(away.service.call(POST, once)).rejects.toThrow(UnreachableError);
    expect(away.calls()).toBe(4);
  },
);

const HANDSHAKE = 'Client network socket disconnected before secure TLS connection was established';
const NO_TLS = 'write EPROTO 40:error:0A00010B:SSL routines:tls_validate_record_header:';
it.each([
  ['CERT_HAS_EXPIRED', 'certificate has expired'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'self-signed certificate in certificate chain'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'unable to verify the first certificate'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'unable to get local issuer certificate'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', "Hostname/IP does not match certificate's altnames"],
  ['EPROTO', `${NO_TLS}wrong version number:tlsany_meth.c:77:`],
  ['EPROTO', `${NO_TLS}sslv3 alert handshake failure:rec_layer_s3.c:1605:`],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'wrong version number'],
  ['ECONNRESET', HANDSHAKE],
])('a failed TLS handshake (%s, %s) proves that nothing was sent', async (code, message) => {
  const { service } = serviceOf({ code, message });
  await expect(service.call(POST, once)).rejects.toThrow(UnreachableError);
});

it.each([301, 302, 303, 307, 308])(
  'a %d is not followed, because it would take the token and the note elsewhere',
  async (status) => {
    const headers = { location: 'https://elsewhere.example/notes?token=t0ken' };
    const { service, calls } = serviceOf({ status, headers, body: '<p>Moved</p>' });
    await expect(service.call(POST, once)).rejects.toMatchObject({
      name: 'ServiceError',
      status,
      message: `HTTP ${status}, a redirect to https://elsewhere.example, which is not followed`,
    });
    expect(calls()).toBe(1);
  },
);

it.each([
  ['a refusal', { status: 401 }],
  ['a refusal with status 200', { status: 200 }],
  ['a failure', { status: 500 }],
])('a secret that %s quotes is hidden', async (_, answer) => {
  const { service } = serviceWith(
    {
      hide: (text) => text.replaceAll('t0ken', '[hidden]'),
      isRefusal: () => true,
      readError: (body) => body as { code: string; message: string },
    },
    { ...answer, body: { code: 'bad_t0ken', message: 'No t0ken' } },
  );
  const error: unknown = await service.call(POST, once).catch((thrown: unknown) => thrown);
  expect(String(error)).toContain('No [hidden]');
  expect(JSON.stringify(error)).not.toContain('t0ken');
});

it.each<[string, Answer]>([
  ['a reset', { code: 'ECONNRESET' }],
  ['TLS that broke later on', { code: 'EPROTO', message: 'bad record mac' }],
  ['a timeout', { code: 'ETIMEDOUT' }],
  ['a 502', { status: 502 }],
  ['a page with status 200', { body: '<!doctype html>' }],
])(
  'a request that may have been carried out is not repeated by default, after %s',
  async (_, answer) => {
    const { service, calls } = serviceOf(answer);
    await expect(service.call(POST, once)).rejects.toThrow(OutcomeUnknownError);
    expect(calls()).toBe(1);
    // A repeatable request is.
    const other = serviceOf(answer, { body: { id: 1 } });
    expect(await other.service.call(POST, { repeatable: true })).toEqual({ id: 1 });
  },
);

it('while the service is away, unanswered requests are not repeated, but those that never left are', async () => {
  const { service, calls, setAway } = serviceOf({ code: 'ETIMEDOUT' });
  setAway(true);
  await expect(service.call(POST, { repeatable: true })).rejects.toThrow(OutcomeUnknownError);
  expect(calls()).toBe(1);
  setAway(false);
  await expect(service.call(POST, { repeatable: true })).rejects.toThrow(OutcomeUnknownError);
  expect(calls()).toBe(1 + 4);
  const refusing = serviceOf({ code: 'ECONNREFUSED' });
  refusing.setAway(true);
  await expect(refusing.service.call(POST, once)).rejects.toThrow(UnreachableError);
  expect(refusing.calls()).toBe(4);
});

it.each([
  [500, true],
  [503, true],
  [502, false],
  [504, false],
  [524, false],
])('whether the service itself has finished is known after a %d', async (status, isOver) => {
  await expect(serviceOf({ status }).service.call(POST, once)).rejects.toMatchObject({ isOver });
});

it('an empty answer is an answer', async () => {
  expect(await serviceOf({ status: 204, body: '' }).service.call(POST, once)).toBe('');
});

it('the caller decides which body can be an answer', async () => {
  const isAnswer = (body: unknown) => Array.isArray(body);
  const { service } = serviceOf({ body: {} });
  await expect(service.call(POST, { ...once, isAnswer })).rejects.toThrow(OutcomeUnknownError);
  // A refusal is one, whatever its body.
  const refused = serviceOf({ status: 404, body: 'Not Found' });
  await expect(refused.service.call(POST, { ...once, isAnswer })).rejects.toThrow(ServiceError);
});

it('beforeSending is called before each sending, and nothing is sent if it throws', async () => {
  const { service, calls } = serviceOf({ status: 429 }, {});
  let asked = 0;
  const beforeSending = async () => void asked++;
  await service.call(POST, { ...once, beforeSending });
  expect([asked, calls()]).toEqual([2, 2]);
  const no = () => Promise.reject(new RangeError('no'));
  await expect(service.call(POST, { ...once, beforeSending: no })).rejects.toThrow(RangeError);
  expect(calls()).toBe(2);
});

it.each([{ code: 'ECONNREFUSED' }, { status: 429 }, { status: 503 }])(
  'with one attempt, a request is sent once, after %o',
  async (answer) => {
    const { service, calls } = serviceWith({ attempts: 1 }, answer);
    await expect(service.call(POST, { repeatable: true })).rejects.toThrow();
    expect(calls()).toBe(1);
  },
);

it('a refusal says how long the service asks to wait, and which part of the request it refuses', async () => {
  const readError = () => ({ code: 'throttled', message: 'Not now', param: 'x' });
  const options = { readError, attempts: 1 };
  const answer = { status: 429, headers: { 'retry-after': '30' } };
  const { service } = serviceWith(options, answer);
  await expect(service.call(POST, once)).rejects.toMatchObject({
    code: 'throttled',
    param: 'x',
    retryAfterMs: 30_000,
  });
  const other = serviceWith({ attempts: 1 }, { status: 429 });
  await expect(other.service.call(POST, once)).rejects.toMatchObject({
    param: '',
    retryAfterMs: undefined,
  });
});
