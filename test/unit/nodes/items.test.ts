import type { NamedMemory } from '../../../core/memory/named';
import { sessionOf } from '../../../nodes/shared/items';

const memory = { session: (names: unknown) => names } as NamedMemory;

it.each([
  [
    { product_id: 'p', session_id: 's' },
    { product_id: 'p', session_id: 's' },
  ],
  [
    { product_id: 7, session_id: 42 },
    { product_id: '7', session_id: '42' },
  ],
  [{ session_id: 's' }, { product_id: '', session_id: 's' }],
  [{ product_id: 'p' }, undefined],
  [{ product_id: 'p', session_id: '' }, undefined],
  [{ product_id: 'p', session_id: null }, undefined],
])('the session of the item %j is %j', (json, session) => {
  expect(sessionOf(memory, { json })).toEqual(session);
});
