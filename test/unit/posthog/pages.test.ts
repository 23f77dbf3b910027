import { pageName } from '../../../core/posthog/pages';
import { cpuMsOf } from '../../support/cpuTime';

it.each([
  ['Northwind', '/', 'home'],
  ['Northwind | Projektmanagement', '/de/', 'home'],
  ['Northwind', '/pt-BR', 'home'],
  ['My profile | Northwind', '/me', 'My profile'],
  ['People | Northwind', '/hr', 'People'],
  ['Northwind | Pricing', '/pricing', 'Pricing'],
  ['', '/account-settings/17', 'account settings'],
])('a page with the title %p at %s is called %p', (title, path, name) => {
  expect(pageName(title, path, 'app.northwind.example')).toBe(name);
});

it('no host is slow to compare with the parts of a title', () => {
  const host = `abc.${'x.'.repeat(450_000)}`;
  const title = Array.from({ length: 75 }, () => 'abc').join('|');
  expect(cpuMsOf(() => pageName(title, '/a', host))).toBeLessThan(50);
});
