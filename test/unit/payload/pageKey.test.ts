import { pageKey } from '../../../core/payload/pageKey';
import { action } from '../../support/batches';
import { cpuMsOf } from '../../support/cpuTime';

const UUID = '01890a5d-ac96-774b-bcce-b302099a8057';

it.each([
  ['/boards/:id', 'https://app.example/boards/7', '/boards/:id'],
  ['https://app.example/Boards/:id/', '', '/boards/:id'],
  ['https://app.example', '', '/'],
  ['https://app.example/', 'https://app.example/other', '/'],
  ['https://app.example/a//?tab=2#top', '', '/a'],
  ['https://app.example/boards/7', '', '/boards/:id'],
  ['', 'https://app.example/boards/7/cards/12?x=1', '/boards/:id/cards/:id'],
  ['', `/boards/${UUID.toUpperCase()}`, '/boards/:id'],
  ['', '/boards/507f1f77bcf86cd799439011/edit', '/boards/:id/edit'],
  ['', '/boards/v2/fabaceae/deadbeefcafe', '/boards/v2/fabaceae/deadbeefcafe'],
  ['', 'https://app.example/#/settings/7?a=b', '/#/settings/:id'],
  ['', '/people/ada@example.com/invoices', '/people/:id/invoices'],
  ['', '/people/ada%40example.com', '/people/:id'],
  ['settings', '', '/settings'],
  ['', '', ''],
])('the page of %s, otherwise %s, is %s', (canonical_url, raw_url, key) => {
  expect(pageKey(action({ canonical_url, raw_url }))).toBe(key);
});

it('keys are bounded, and no address makes them slow', () => {
  const key = (raw_url: string) => pageKey(action({ raw_url }));
  expect(key(`/${'a'.repeat(500)}`)).toHaveLength(200);
  const worst = [`/${'a'.repeat(1e6)}`, `${'/'.repeat(1e6)}a`, '/'.repeat(1e6), '#!'.repeat(5e5)];
  expect(cpuMsOf(() => worst.map(key))).toBeLessThan(500);
});
