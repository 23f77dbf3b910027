import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { eventKey, isFromCrisp, readCrispEvent, startsWorkflow } from '../../../core/crisp/webhook';
import { isFromConnector } from '../../../core/push/push';
import { isFromIntercom, readIntercomEvent } from '../../../core/intercom/webhook';
import { hostileRecord, hostileText, hostileValue } from '../arbitraries';
import { mutated } from '../mutate';
import { must, type Target } from '../target';

const NOW = 1_700_000_000_000;
const hmac = (algorithm: string, secret: string, ...parts: Array<string | Buffer>) => {
  const sum = createHmac(algorithm, secret);
  for (const part of parts) sum.update(part);
  return sum.digest('hex');
};

const author = hostileRecord('type', 'id', 'name', 'email');
const intercomHook = fc
  .tuple(hostileRecord('id', 'topic'), hostileRecord('id', 'user'), author, author, hostileValue)
  .map(([hook, item, by, other, odd]) => ({
    topic: 'conversation.user.replied',
    ...hook,
    data: {
      item: {
        id: '42',
        ...item,
        source: { body: odd, author: by },
        contacts: { contacts: [other, odd] },
        conversation_parts: { conversation_parts: [odd, { body: odd, author: other }] },
      },
    },
  }));

const crispHook = fc
  .tuple(
    hostileRecord('website_id', 'event', 'timestamp'),
    hostileRecord(
      'session_id',
      'type',
      'content',
      'from',
      'fingerprint',
      'automated',
      'user',
      'origin',
    ),
  )
  .map(([hook, data]) => ({
    event: 'message:send',
    website_id: 'w',
    ...hook,
    data: { session_id: 'session_1', ...data },
  }));

const isText = (value: unknown) =>
  typeof value === 'string' && value.isWellFormed() && !value.includes('\0');
const isId = (value: unknown) => isText(value) && (value as string).length <= 512 && value !== '';

function checkIntercom(body: unknown): void {
  const event = readIntercomEvent(body);
  if (!event) return;
  const { conversation_id, user_id, email, contact_id, name, text, topic, notificationId } = event;
  must(isId(conversation_id), 'a conversation without an id', event);
  for (const id of [user_id, email, contact_id]) must(id === null || isId(id), 'no id', event);
  must(name === null || isText(name), 'no name', event);
  must([text, topic, notificationId].every(isText), 'no text', event);
}

function checkCrisp(body: unknown): void {
  const event = readCrispEvent(body);
  if (!event) return;
  must(isId(event.conversation_id), 'a conversation without an id', event);
  must(isText(event.text) && isText(event.event) && isText(event.website_id), 'no text', event);
  must(event.name === null || isText(event.name), 'no name', event);
  must(event.fingerprint === null || Number.isFinite(event.fingerprint), 'no number', event);
  must(isText(eventKey(event)) && eventKey(event) === eventKey(event), 'no key', event);
  const wanted = { websiteId: 'w', tokenKey: 'key', messageTypes: ['text', 'picker'] };
  const starts = startsWorkflow(event, { ...wanted, events: ['message:send', 'message:updated'] });
  must(!starts || event.website_id === 'w', 'another website starts a workflow', event);
  must(!starts || event.event !== 'message:send' || event.from === 'user', 'not a visitor', event);
}

const parsed = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
};

const reading: Target = {
  name: 'webhooks: a body of any shape gives texts and ids, or nothing',
  share: 20,
  property: fc.property(intercomHook, crispHook, hostileValue, (intercom, crisp, odd) => {
    for (const body of [intercom, crisp, odd]) {
      checkIntercom(body);
      checkCrisp(body);
    }
  }),
};

const damaged: Target = {
  name: 'webhooks: a damaged body gives texts and ids, or nothing',
  share: 10,
  property: fc.property(
    mutated(fc.oneof(intercomHook, crispHook).map((hook) => JSON.stringify(hook))),
    (bytes) => {
      checkIntercom(parsed(bytes));
      checkCrisp(parsed(bytes));
    },
  ),
};

const secretText = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });

/** Whether a delivery with these headers and this key in its URL passes, at each of the three. */
function passes(
  headers: Record<string, unknown>,
  key: unknown,
  rawBody: Buffer | undefined,
  secret: string,
) {
  return {
    intercom: isFromIntercom(headers, rawBody, secret),
    crisp: isFromCrisp({ headers, query: { key }, rawBody }, secret, NOW),
    push: rawBody !== undefined && isFromConnector(headers, rawBody, secret),
  };
}

const signatures: Target = {
  name: 'webhooks: a signature is accepted only for the bytes and the secret it was made with',
  share: 15,
  property: fc.property(
    fc.oneof(
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
      mutated(fc.constant('{"a":1}')),
    ),
    mutated(fc.constant('{"a":1}')),
    secretText,
    secretText,
    fc.constantFrom('sha1', 'sha256'),
    (body, otherBody, secret, otherSecret, algorithm) => {
      const header = algorithm === 'sha1' ? 'x-hub-signature' : 'x-hub-signature-256';
      const signed = (by: string, of: Buffer) => ({
        [header]: `${algorithm}=${hmac(algorithm, by, of)}`,
        authorization: `Bearer ${by}`,
        'x-connector-signature': `sha256=${hmac('sha256', by, of)}`,
        'x-crisp-request-timestamp': String(NOW),
        'x-crisp-signature': hmac('sha256', by, `[${NOW};`, of, ']'),
      });
      const isSecret = secret.trim() !== '';
      const right = passes(signed(secret, body), undefined, body, secret);
      must(right.intercom === isSecret && right.crisp === isSecret, 'the right one', { secret });
      // HTTP removes white space around a header's value.
      must(secret.trim() !== secret || right.push === isSecret, 'the right push', { secret });
      const sameBody = body.equals(otherBody);
      // An HMAC takes a secret filled up with null bytes for the same.
      const same = otherSecret.replace(/\0+$/, '') === secret.replace(/\0+$/, '');
      const wrong = [
        !sameBody && passes(signed(secret, body), undefined, otherBody, secret),
        !same && passes(signed(otherSecret, body), otherSecret, body, secret),
        passes(signed(secret, body), secret, undefined, secret),
        passes(signed('', body), '', body, ''),
        passes(
          {
            ...signed(secret, body),
            [header]: undefined,
            'x-crisp-signature': '',
            'x-connector-signature': undefined,
          },
          secret,
          body,
          secret,
        ),
      ];
      for (const one of wrong)
        must(!one || !(one.intercom || one.crisp || one.push), 'a wrong one', {
          secret,
          otherSecret,
        });
    },
  ),
};

const forged: Target = {
  name: 'webhooks: a header or key of any other shape is refused',
  share: 10,
  property: fc.property(
    hostileRecord(
      'x-hub-signature',
      'x-hub-signature-256',
      'x-crisp-signature',
      'x-crisp-request-timestamp',
      'authorization',
      'x-connector-signature',
    ),
    fc.oneof(hostileValue, fc.array(hostileText)),
    secretText,
    (headers, key, secret) => {
      const { intercom, crisp, push } = passes(headers, key, Buffer.from('{}'), secret);
      must(!intercom && !push, 'Intercom or push', { headers, secret });
      must(!crisp || (key === secret && headers['x-crisp-signature'] === undefined), 'Crisp', {
        headers,
        key,
        secret,
      });
    },
  ),
};

export const webhookTargets: Target[] = [reading, damaged, signatures, forged];
