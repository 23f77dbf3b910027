import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { createFilter } from '../../../core/filter/filter';
import { parseFrame, parseFrameText } from '../../../core/payload/parse';
import type { SessionBatch } from '../../../core/payload/types';
import { withoutQueries } from '../../../core/payload/urls';
import { hostileRecord, hostileText, hostileValue } from '../arbitraries';
import { mutated } from '../mutate';
import { strictnessFault } from '../strictness';
import { must, type Target } from '../target';

const DEFAULTS = { productId: 'shop', receivedAt: 1_700_000_000 };

const rawAction = hostileRecord(
  'type',
  'title',
  'description',
  'timestamp_start',
  'timestamp_end',
  'raw_url',
  'canonical_url',
  'session_id',
  'user_id',
  'email',
  'conversation_id',
  'action_id',
);

const frame = fc
  .tuple(
    hostileRecord(
      'product_id',
      'session_id',
      'user_id',
      'email',
      'conversation_id',
      'forwarded_at',
      'count',
      'summary',
      'replaces',
    ),
    fc.constantFrom('actions', 'summary', undefined, 'usertour_trigger', '__proto__'),
    fc.option(fc.array(fc.oneof(rawAction, hostileValue), { maxLength: 5 }), { nil: undefined }),
    fc.option(
      fc.array(hostileRecord('summary', 'replaces', 'forwarded_at', 'position'), { maxLength: 3 }),
    ),
  )
  .map(([fields, type, actions, summaries]) => ({
    ...fields,
    ...(type && { type }),
    ...(actions && { actions }),
    ...(summaries && { summaries }),
  }));

/** Checks that a batch is strictly what its type says, and the same after JSON. */
function checkBatches(batches: readonly SessionBatch[]): void {
  for (const batch of batches) {
    const fault = strictnessFault(batch);
    must(fault === undefined, fault ?? '', batch);
    if (batch.count === 0 && !batch.summaries) continue;
    const again = parseFrame(JSON.parse(JSON.stringify(batch)), DEFAULTS);
    must(isDeepStrictEqual(again.batches, [batch]), 'not the same after JSON', [batch, again]);
  }
}

const strict: Target = {
  name: 'payload: a frame of any shape gives strict batches',
  share: 20,
  property: fc.property(frame, (value) => checkBatches(parseFrame(value, DEFAULTS).batches)),
};

const text = frame.map((value) => JSON.stringify(value));

const broken: Target = {
  name: 'payload: a frame that was damaged on its way gives strict batches or none',
  share: 20,
  property: fc.property(mutated(text), (bytes) => {
    const { batches, skipped } = parseFrameText(bytes.toString('utf8'), DEFAULTS);
    checkBatches(batches);
    must(batches.length > 0 || Object.keys(skipped).length > 0, 'neither used nor counted');
    must(({} as { polluted?: unknown }).polluted === undefined, 'a prototype was changed');
  }),
};

/** What is no action: anything but an object, or an object without a text. */
const bad = fc.constantFrom<unknown>(null, 7, 'x', [], {}, { title: {} }, { title: '\0' }, true);

const others: Target = {
  name: 'payload: a bad action leaves the others intact, and each action stays with its visitor',
  share: 10,
  property: fc.property(
    fc.array(fc.oneof(fc.constantFrom('s1', 's2', '__proto__', undefined), bad), { maxLength: 8 }),
    hostileText,
    (plan, said) => {
      const actions = plan.map((one, i) =>
        typeof one === 'string' && one !== 'x' ? { title: `${i} ${said}`, session_id: one } : one,
      );
      const expected = new Map<string, string[]>();
      plan.forEach((one, i) => {
        if (typeof one !== 'string' || one === 'x') return;
        expected.set(one, [...(expected.get(one) ?? []), `${i} `]);
      });
      const { batches, skipped } = parseFrame({ type: 'actions', actions }, DEFAULTS);
      const got = batches.map(({ session_id, actions: all }) => [
        session_id,
        all.map(({ title }) => title.slice(0, 2)),
      ]);
      must(isDeepStrictEqual(got, [...expected]), 'not what was sent', [actions, batches]);
      const out = batches.reduce((sum, { count }) => sum + count, 0);
      must(out + (skipped.bad_action ?? 0) === actions.length, 'not all are counted', skipped);
    },
  ),
};

const SECRET = 'sEcReT42';

const queries: Target = {
  name: 'payload: queries, fragments and passwords of addresses are not stored',
  share: 5,
  property: fc.property(
    fc.constantFrom('https://', 'http://', 'HTTPS://', 'app://', '', 'www.'),
    fc.constantFrom('?token=', '?', '#', '?a=b&c=', '#/r?x='),
    fc.boolean(),
    hostileText.map((said) => said.replaceAll(SECRET, '')),
    (scheme, separator, asUser, said) => {
      const url =
        asUser && scheme.endsWith('//')
          ? `${scheme}me:${SECRET}@a.example/x`
          : `${scheme}a.example/x${separator}${SECRET}`;
      const spoken = `${said} ${url} ${said}`;
      const action = { title: spoken, description: spoken, raw_url: url, canonical_url: url };
      const { batches } = parseFrame(
        { type: 'actions', session_id: 's', actions: [action], summaries: [{ summary: spoken }] },
        DEFAULTS,
      );
      const stored = JSON.stringify(batches.map(withoutQueries));
      must(!stored.includes(SECRET), 'a secret is stored', stored);
    },
  ),
};

const filtered: Target = {
  name: 'filter: of whatever a frame holds, a part is left, strictly as its type says',
  share: 5,
  property: fc.property(
    fc.array(frame, { maxLength: 4 }),
    fc.record({
      types: fc.array(hostileText, { maxLength: 3 }),
      pages: fc.array(hostileText, { maxLength: 3 }),
      emails: fc.array(hostileText, { maxLength: 3 }),
      users: fc.array(hostileText, { maxLength: 3 }),
      onlyIdentified: fc.boolean(),
    }),
    (frames, rules) => {
      const filter = createFilter(rules);
      for (const one of frames) {
        for (const batch of parseFrame(one, DEFAULTS).batches) {
          // In words: arrays of another realm, which Jest has, are copied into this one.
          const before = JSON.stringify(batch);
          const left = filter ? filter.apply(batch) : batch;
          must(JSON.stringify(batch) === before, 'the batch was changed', batch);
          if (!left) continue;
          const fault = strictnessFault(left);
          must(fault === undefined, fault ?? '', left);
          const ids = batch.actions.map(({ action_id }) => action_id);
          const places = left.actions.map(({ action_id }) => ids.indexOf(action_id));
          must(!places.includes(-1), 'an action of its own', left);
        }
      }
    },
  ),
};

export const payloadTargets: Target[] = [strict, broken, others, queries, filtered];
