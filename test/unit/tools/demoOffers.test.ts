import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { systemClock } from '../../../core/clock';
import { DEFAULT_MANNERS } from '../../../core/manners/defaults';
import type { SessionMemory } from '../../../core/memory/types';
import { createOfferReports, memoriesWithOffers } from '../../../tools/demo/offers';
import type { Workflow } from '../../../tools/n8n';
import { testMemory } from '../../support/memory';
import { act, offered, offerRequest } from '../../support/offers';

let folder: string;
let reports: ReturnType<typeof createOfferReports>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'demo-offers-'));
  reports = createOfferReports(folder);
});
afterEach(async () => {
  await reports.close();
  rmSync(folder, { recursive: true });
});

const file = () => join(folder, '.n8n', 'autoplay', 'memory.sqlite');

it('before n8n has a memory, there is nothing to report, and no memory is made', async () => {
  expect(await reports.report(['m'])).toEqual([]);
  expect(existsSync(dirname(file()))).toBe(false);
});

describe('beside an n8n that writes its memory', () => {
  let memory: SessionMemory;
  const request = (rule: string, fields: Parameters<typeof offerRequest>[1] = {}) =>
    offerRequest(systemClock.now(), { ...fields, moment: { name: rule, ...fields.moment } });

  beforeEach(async () => {
    memory = await testMemory(systemClock, file());
    await act(memory);
  });
  afterEach(() => memory.close());

  it('adds up what offers came to, by rule and chat product', async () => {
    await offered(memory, request('Dwelling', { chat: 'crisp:website-1' }));
    const reply = { chat: 'crisp:website-1', conversation_id: 'c1', message_ref: 'm1' };
    await memory.recordReply('m', { ...reply, value: 'show' });
    // On another page and in the other product of the same rule.
    await act(memory, 's', {}, { canonical_url: '/boards' });
    const page = { moment: { page: '/boards' } };
    await memory.claimOffer(request('Dwelling', { ...page, chat: 'crisp', observeOnly: true }));
    await memory.claimOffer(request('Dwelling', { ...page, chat: 'intercom', optedOut: true }));
    const [crisp, intercom, ...others] = await reports.report(['m']);
    expect(others).toEqual([]);
    expect(crisp).toMatchObject({
      ...{ chat: 'crisp', rule: 'Dwelling', decided: 2, sent: 1, converted: null, holdout: 0 },
      outcomes: { accepted: 1, dismissed: 0 },
      noes: [{ reason: 'Observe Only is on', count: 1 }],
    });
    expect(intercom).toMatchObject({
      ...{ chat: 'intercom', rule: 'Dwelling', decided: 1, sent: 0 },
      noes: [{ reason: 'The visitor wants no offers', count: 1 }],
    });
  });

  it('follows what n8n writes later, and lists the most frequent reason first', async () => {
    const early = { manners: { ...DEFAULT_MANNERS, holdout: 0 } };
    await memory.claimOffer(request('Rage Clicks', early));
    expect(await reports.report(['m'])).toMatchObject([{ decided: 1 }]);
    const never = { manners: { holdout: 1 } };
    await memory.claimOffer(request('Rage Clicks', never));
    await memory.claimOffer(request('Rage Clicks', never));
    const goal = { page: '/thanks', withinMs: 60_000 };
    await memory.claimOffer(request('Rage Clicks', { ...never, goal }));
    expect(await reports.report(['m', 'other'])).toMatchObject([
      {
        ...{ decided: 4, sent: 0, holdout: 3, converted: 0 },
        noes: [
          { reason: 'The visitor is in the holdout group', count: 3 },
          { reason: 'The visit had just begun', count: 1 },
        ],
      },
    ]);
    expect(await reports.report(['other'])).toEqual([]);
  });
});

it('the memories with offers are those of published workflows that detect moments', () => {
  const type = 'n8n-nodes-autoplay.autoplayDetectMoments';
  const outcome = (id: string, nodes: object[], state = 'published' as const) => ({
    ...{ file: `${id}.json`, name: id, state },
    workflow: { id, nodes } as unknown as Workflow,
  });
  const named = { memoryScope: 'named', memoryName: 'support' };
  expect(
    memoriesWithOffers([
      outcome('own', [
        { type, parameters: {} },
        { type: 'other', parameters: {} },
      ]),
      outcome('shared', [{ type, parameters: named }]),
      outcome('too', [{ type, parameters: named }]),
      outcome('off', [{ type, parameters: {}, disabled: true }]),
      { ...outcome('unpublished', [{ type, parameters: {} }]), state: 'unpublished' },
      { file: 'lacking.json', name: 'Lacking', state: 'left out' },
    ]),
  ).toEqual(['workflow:own', 'name:support']);
});
