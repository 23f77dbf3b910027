import { isDeepStrictEqual } from 'node:util';
import type { INodeTypeDescription } from 'n8n-workflow';
import {
  type Contract,
  contractOf,
  type Field,
  type NodeContract,
  type Use,
  useOf,
} from './contract';
import type { Loaded } from '../loadPackage';

/**
 * The broken promises of a released contract, one sentence each; none when saved workflows and credentials keep
 * their meaning. New nodes, versions, fields and choices are no breach.
 */
export function breaches(released: Contract, loaded: Loaded): string[] {
  const now = contractOf(loaded);
  return [
    ...Object.entries(released.nodes).flatMap(([name, versions]) =>
      versions.flatMap((version) =>
        ofNode(`${name} ${version.version}`, version, {
          now: now.nodes[name]?.find((one) => one.version === version.version),
          description: loaded.nodes[name]?.find((one) =>
            [one.version].flat().includes(version.version),
          ),
        }),
      ),
    ),
    ...Object.entries(released.credentials).flatMap(([name, fields]) =>
      name in now.credentials
        ? ofFields(name, fields, now.credentials[name]!)
        : [`${name} is not there`],
    ),
  ];
}

function ofNode(
  name: string,
  then: NodeContract,
  {
    now,
    description,
  }: { now?: NodeContract | undefined; description?: INodeTypeDescription | undefined },
): string[] {
  if (!now || !description) return [`${name} is not there`];
  const gone = then.credentials.filter((credential) => !now.credentials.includes(credential));
  const urls = then.webhooks.filter(
    (one) => !now.webhooks.some((other) => isDeepStrictEqual(one, other)),
  );
  return [
    ...gone.map((credential) => `${name} does not take ${credential}`),
    ...urls.map((webhook) => `${name} does not answer as ${JSON.stringify(webhook)}`),
    ...ofFields(name, then.fields, now.fields),
    ...then.uses.flatMap((use) =>
      ofUse(use, useOf(description, then.version, use.saved)).map(
        (change) => `${name} takes ${JSON.stringify(use.saved)} for something else: ${change}`,
      ),
    ),
  ];
}

/** Workflows save connections by number, so only the first ones must stay the same. */
function ofUse(then: Use, now: Use): string[] {
  const others = (['inputs', 'outputs'] as const).filter(
    (key) => !isDeepStrictEqual(now[key].slice(0, then[key].length), then[key]),
  );
  return [...others, ...differences(then.filled, now.filled)];
}

function ofFields(name: string, then: Field[], now: Field[]): string[] {
  return then
    .filter((field) => !now.some((other) => isStill(field, other)))
    .map((field) => `${name} has no ${JSON.stringify(field)}`);
}

/** Several fields may have the same name, each for another operation. */
function isStill(then: Field, now: Field): boolean {
  return (
    now.path === then.path &&
    now.type === then.type &&
    isDeepStrictEqual(now.default, then.default) &&
    (then.values ?? []).every((value) => now.values?.includes(value))
  );
}

/** The paths of values in `then` that differ in `now`. */
export function differences(then: unknown, now: unknown, path = ''): string[] {
  const isObject = typeof then === 'object' && then !== null && !Array.isArray(then);
  if (!isObject) return isDeepStrictEqual(then, now) ? [] : [path];
  return Object.entries(then).flatMap(([key, value]) =>
    differences(
      value,
      (now as Record<string, unknown> | undefined)?.[key],
      path ? `${path}.${key}` : key,
    ),
  );
}
