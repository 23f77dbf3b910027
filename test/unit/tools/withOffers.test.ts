import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SessionMemory } from '../../../core/memory/types';
import { rulesField } from '../../../nodes/AutoplayDetectMoments/rules';
import { mannersField } from '../../../nodes/shared/offers/manners';
import { demo, people, posthogProject } from '../../../simulators';
import { readSettings } from '../../../tools/demo/settings';
import { sendsOffers, withOffers } from '../../../tools/demo/withOffers';
import type { WorkflowJson } from '../../../tools/n8n';
import { createFakeClock } from '../../support/fakeClock';
import { testMemory } from '../../support/memory';
import { act, offerRequest } from '../../support/offers';

const folder = join(__dirname, '../../../workflows');
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
const isProactive = (name: string) => name.startsWith('proactive-');
const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as WorkflowJson;
const simulated = readSettings({}, '/repo');
const namesOf = (options: unknown) => (options as { name: string }[]).map(({ name }) => name);

const made = ({ nodes }: WorkflowJson) => nodes.find(({ name }) => name === 'Make an Offer')!;

it.each(files.filter(isProactive))('%s makes offers in the demo, soon and often', (name) => {
  const shipped = read(name);
  const before = structuredClone(shipped);
  const { nodes, connections } = withOffers(shipped, simulated);
  expect(shipped).toEqual(before);
  expect(shipped.nodes.some(sendsOffers)).toBe(false);
  expect(nodes.filter(sendsOffers).map((node) => node.name)).toEqual(['Make an Offer']);
  expect(connections).toEqual(shipped.connections);
  const { manners } = made({ ...shipped, nodes }).parameters as { manners: object };
  expect(namesOf(mannersField.options)).toEqual(expect.arrayContaining(Object.keys(manners)));
  const detector = nodes.find(({ name: title }) => title === 'Detect Moments')!;
  const { rule } = detector.parameters.rules as { rule: Record<string, unknown>[] };
  expect(rule.map((one) => one.rule)).toContain('ping_pong');
  expect(rule.find((one) => one.rule === 'dwell')).toMatchObject({ afterSeconds: 15 });
  const [{ values }] = rulesField.options as unknown as [{ values: unknown }];
  expect(namesOf(values)).toEqual(expect.arrayContaining(rule.flatMap(Object.keys)));
});

it('nothing is sent by a real chat product', () => {
  const environment = {
    ...{ INTERCOM_ACCESS_TOKEN: 'token', INTERCOM_CLIENT_SECRET: 'secret' },
    ...{ CRISP_WEBSITE_ID: 'w', CRISP_TOKEN_IDENTIFIER: 'i', CRISP_TOKEN_KEY: 'k' },
    CRISP_WEBHOOK_SECRET: 's',
  };
  const real = readSettings(environment, '/repo');
  for (const name of files.filter(isProactive)) {
    expect(withOffers(read(name), real)).toEqual(read(name));
  }
});

it('other workflows are in the demo as they are shipped', () => {
  for (const name of files.filter((one) => !isProactive(one))) {
    expect(withOffers(read(name), simulated)).toEqual(read(name));
  }
});

describe.each([demo.productId, String(posthogProject.id)])(
  'of the visitors of %s',
  (product_id) => {
    let memory: SessionMemory;
    const clock = createFakeClock();
    beforeEach(async () => void (memory = await testMemory(clock)));
    afterEach(() => memory.close());

    it('one is in the holdout group', async () => {
      const { manners } = made(withOffers(read('proactive-crisp.json'), simulated)).parameters as {
        manners: { holdoutSalt: string };
      };
      const heldOut = [];
      for (const { id, name } of people) {
        await act(memory, id, { user_id: id, product_id });
        const claim = await memory.claimOffer(
          offerRequest(clock.now(), {
            session: { memory: 'm', product_id, session_id: id },
            manners: { holdout: 0.1, holdoutSalt: manners.holdoutSalt },
          }),
        );
        if (claim.status === 'held_back') heldOut.push(`${name}: ${claim.reason}`);
      }
      expect(heldOut).toEqual(['Léa Fontaine: holdout']);
    });
  },
);
