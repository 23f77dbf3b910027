import { createHash } from 'node:crypto';

/** A UUID made from a name (RFC 9562, version 5): the same name in the same namespace gives the same one. */
export function uuid5(namespace: string, name: string): string {
  const space = Buffer.from(namespace.replaceAll('-', ''), 'hex');
  const bytes = createHash('sha1').update(space).update(name).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const digits = bytes.toString('hex');
  return [[0, 8], [8, 12], [12, 16], [16, 20], [20]]
    .map(([from, to]) => digits.slice(from, to))
    .join('-');
}

const PERSONS = '932979b4-65c3-4424-8467-0b66ec27bc22';

/** The id that PostHog derives for a distinct id, before any merge. */
export const personIdOf = (projectId: number, distinctId: string): string =>
  uuid5(PERSONS, `${projectId}:${distinctId}`);
