import fc from 'fast-check';
import { createFakeClock } from '../../support/fakeClock';
import { action, batch, DAY_MS, propertyRuns, testMemory } from '../../support/memory';

const PRODUCTS = ['shop', 'blog'] as const;
// Two products in one memory, whose sessions, users and addresses go by the same names.
const product = fc.constantFrom(...PRODUCTS);
const name = fc.constantFrom('1', '2');
const whom = fc
  .tuple(fc.constantFrom('session_id', 'user_id', 'email'), name)
  .map(([field, value]) => ({ [field]: value }));

const event = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ does: fc.constant('act' as const), product, name, as: name }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant('link' as const),
      product,
      whom,
      named: fc.boolean(),
      conversation: fc.constantFrom('c1', 'c2', 'c3'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('forget' as const), product, whom }) },
);

it('two products in one memory never mix, though all their ids are the same', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 25 }), async (events) => {
      const memory = await testMemory(createFakeClock());
      const everything = { windowMs: DAY_MS, maxActions: 500 };
      const textsOf = async (query: object) =>
        (await memory.recall('m', { ...everything, ...query }))?.actions.map(
          (one) => one.description,
        );
      const sessionsOf = async (of: string) =>
        JSON.stringify(
          await Promise.all(['1', '2'].map((id) => textsOf({ product_id: of, session_id: id }))),
        );
      for (const one of events) {
        const other = PRODUCTS.find((id) => id !== one.product)!;
        const before = await sessionsOf(other);
        if (one.does === 'act') {
          const fields = { product_id: one.product, user_id: one.as, email: one.as };
          await memory.remember('m', [batch(one.name, [action(one.product)], fields)], DAY_MS);
        } else if (one.does === 'link') {
          const request = { chat: 'intercom', conversation_id: one.conversation, ...one.whom };
          const named = one.named ? { product_id: one.product } : {};
          const { session } = await memory.link('m', { ...request, ...named }, DAY_MS);
          if (session && one.named) expect(session.product_id).toBe(one.product);
        } else {
          await memory.forget({ ...one.whom, product_id: one.product });
          const found = await memory.recall('m', {
            ...everything,
            ...one.whom,
            product_id: one.product,
          });
          expect(found).toBeNull();
        }
        // Whatever is done in one product, the other's sessions stay as they are.
        expect(await sessionsOf(other)).toBe(before);
      }
      for (const of of PRODUCTS) {
        for (const by of ['session_id', 'user_id', 'email']) {
          for (const value of ['1', '2']) {
            const texts = (await textsOf({ product_id: of, [by]: value })) ?? [];
            expect(texts.filter((text) => text !== of)).toEqual([]);
            // Without a product one of them at most is told, and never both together.
            expect(new Set(await textsOf({ [by]: value })).size).toBeLessThanOrEqual(1);
          }
        }
      }
      for (const conversation_id of ['c1', 'c2', 'c3']) {
        const found = await memory.recall('m', {
          ...everything,
          chat: 'intercom',
          conversation_id,
        });
        const wrong = found?.actions.filter(
          ({ description }) => description !== found.session.product_id,
        );
        expect(wrong ?? []).toEqual([]);
      }
      await memory.close();
    }),
    { numRuns: propertyRuns(150) },
  );
});
