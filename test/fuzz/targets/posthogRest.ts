import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { systemClock } from '../../../core/clock';
import { ServiceError } from '../../../core/http/errors';
import { hasStandardSignature, signingKey } from '../../../core/http/standardWebhooks';
import { createPosthogApi } from '../../../core/posthog/api';
import { isFromPosthog, readDelivery } from '../../../core/posthog/delivery';
import { hostsOf } from '../../../core/posthog/hosts';
import { readFunction } from '../../../core/posthog/hogFunction';
import { posthogProblem } from '../../../core/posthog/problems';
import { hostileRecord, hostileValue } from '../arbitraries';
import { mutated } from '../mutate';
import { must, type Target } from '../target';

const NOW = 1_700_000_000_000;

const delivery = fc
  .tuple(
    hostileRecord(
      'uuid',
      'event',
      'distinct_id',
      'timestamp',
      'elements_chain',
      'url',
      'properties',
    ),
    hostileRecord('email'),
    hostileValue,
  )
  .map(([event, properties, odd]) => ({
    event: { event: '$pageview', ...event },
    person: { id: odd, properties },
  }));

const isText = (value: string) => value.isWellFormed() && !value.includes('\0');

function checkDelivery(rawBody: Buffer): void {
  const event = readDelivery(rawBody);
  if (!event) return;
  const { uuid, distinct_id, at, email, elements_chain, properties, project_url } = event;
  must([uuid, event.event, distinct_id, elements_chain].every(isText), 'no text', event);
  must(event.event.trim() !== '' && event.event.length <= 400, 'no name', event);
  must(
    [uuid, distinct_id].every((id) => id.length <= 512),
    'no id',
    event,
  );
  must(at === null || Number.isFinite(at), 'no time', event);
  must(email === null || (isText(email) && /^[^@]+@[^@]+$/.test(email)), 'no address', event);
  must(!Array.isArray(properties) && typeof properties === 'object', 'no properties', event);
  must(project_url === null || /^https?:/.test(project_url), 'no page', event);
}

const bytesOf = (value: unknown) => Buffer.from(JSON.stringify(value) ?? '');

/** The key as it is used: an HMAC fills it up with null bytes. */
const used = (key: Uint8Array) =>
  Buffer.from(key)
    .toString('hex')
    .replace(/(?:00)+$/, '');
const keys = fc.uint8Array({ minLength: 24, maxLength: 60 });

export const posthogRestTargets: Target[] = [
  {
    name: 'PostHog: a delivery of any shape gives an event of texts, times and ids, or nothing',
    share: 15,
    property: fc.property(delivery, hostileValue, (body, odd) => {
      checkDelivery(bytesOf(body));
      checkDelivery(bytesOf(odd));
      checkDelivery(bytesOf({ event: odd, person: odd }));
    }),
  },
  {
    name: 'PostHog: a damaged delivery gives an event or nothing',
    share: 10,
    property: fc.property(mutated(delivery.map((body) => JSON.stringify(body))), checkDelivery),
  },
  {
    name: 'PostHog: an answer about a function may have any shape',
    share: 5,
    property: fc.property(
      hostileRecord('id', 'name', 'description', 'enabled', 'status', 'inputs', 'filters'),
      hostileValue,
      (answer, odd) => {
        for (const one of [
          answer,
          odd,
          { ...answer, inputs: { url: odd, headers: { value: odd } } },
        ]) {
          const { id, url, events, state, enabled, headers } = readFunction(one);
          must([id, url, ...Object.values(headers)].every(isText), 'no text', one);
          must(
            events.every((event) => event === null || isText(event)),
            'no events',
            one,
          );
          must(Number.isFinite(state) && typeof enabled === 'boolean', 'no state', one);
        }
      },
    ),
  },
  {
    name: 'PostHog: a signature is accepted only for the bytes and the secret it was made with',
    share: 10,
    property: fc.property(
      mutated(fc.constant('{"a":1}')),
      mutated(fc.constant('{"a":1}')),
      keys,
      keys,
      hostileRecord('webhook-id', 'webhook-timestamp', 'webhook-signature', 'x-n8n-secret'),
      (body, other, key, otherKey, odd) => {
        const secretOf = (bytes: Uint8Array) => `whsec_${Buffer.from(bytes).toString('base64')}`;
        const timestamp = String(NOW / 1_000);
        const sum = createHmac('sha256', key).update(`id.${timestamp}.`).update(body);
        const headers = {
          'webhook-id': 'id',
          'webhook-timestamp': timestamp,
          'webhook-signature': `v1,${sum.digest('base64')}`,
        };
        const secret = secretOf(key);
        const passes = (given: object, bytes: Buffer, by: string) =>
          hasStandardSignature({ ...given }, bytes, by, NOW);
        must(passes(headers, body, secret), 'the right one is refused');
        must(passes(headers, other, secret) === body.equals(other), 'another body');
        const same = used(key) === used(otherKey);
        must(passes(headers, body, secretOf(otherKey)) === same, 'another secret');
        const secrets = { signing: [secret], header: ['a secret'] };
        must(!isFromPosthog(odd, body, secrets, NOW), 'headers of any shape', odd);
        must(!isFromPosthog(headers, body, { signing: [], header: [''] }, NOW), 'no secret');
      },
    ),
  },
];

const throwing = (read: () => unknown): unknown => {
  try {
    return read();
  } catch (error) {
    return error;
  }
};
const client = (projectId: string) =>
  createPosthogApi({
    ...{ app: 'https://a.example', key: 'phx_a', projectId, fetch },
    ...{ clock: systemClock, random: () => 0 },
  });

/** What reads a text with regular expressions: see patterns.ts. */
export const posthogRestReaders = [
  {
    file: 'core/http/standardWebhooks.ts',
    pieces: ['a', '=', '+', 'whsec_', ' ', 'v1,', '-', '\n'],
    read: (text: string) => [
      signingKey(text),
      hasStandardSignature(
        { 'webhook-id': text, 'webhook-timestamp': text, 'webhook-signature': text },
        Buffer.from('{}'),
        Buffer.alloc(32).toString('base64'),
        NOW,
      ),
    ],
  },
  {
    file: 'core/posthog/delivery.ts',
    pieces: ['/project/', '7', '/', 'a', '@', '.', ' ', '2026-09-21T', '14:13:20', 'Z', ':'],
    read: (text: string) =>
      readDelivery(
        bytesOf({
          event: { event: 'x', timestamp: text, url: `https://a.example/${text}` },
          person: { properties: { email: text } },
        }),
      ),
  },
  {
    file: 'core/posthog/api.ts',
    pieces: ['/project/', '7', '/', 'a', 'phc_'],
    read: (text: string) => throwing(() => client(text)),
  },
  {
    file: 'core/posthog/hosts.ts',
    pieces: ['/', 'a', '?', ':', ' '],
    read: (text: string) =>
      throwing(() => hostsOf({ region: 'custom', baseUrl: `https://a.example/${text}` })),
  },
  {
    file: 'core/posthog/problems.ts',
    pieces: ["scope '", "'", 'a', ':', '.', ' '],
    read: (text: string) => posthogProblem(new ServiceError('PostHog', 403, '', text)),
  },
];
