import { pagesNamed, patternsFault } from '../../../core/payload/pages';

it.each([
  ['/admin', 'https://x.example/admin'],
  ['/admin', '/Admin/'],
  ['/admin', 'https://x.example/admin?tab=1#top'],
  ['/admin/*', '/admin'],
  ['/admin/*', '/admin/users/:id'],
  ['admin/*', '/admin/users'],
  ['/', 'https://x.example'],
  ['/', 'https://x.example/?a=b'],
  ['*', '/anything'],
  ['*/edit', 'https://x.example/a/b/edit'],
  ['/a*/b*/c', '/a1/b2/b3/c'],
  ['x.example', 'https://x.example/a'],
  ['https://x.example/a/*', 'http://u:p@X.example/a/b'],
  ['*.x.example/a', 'https://eu.x.example/a'],
  ['localhost:3000', 'http://localhost:3000/a'],
  ['/#/admin/*', 'https://x.example/#/admin/1?a=b'],
  ['/#/admin', 'https://x.example/?v=1#/admin'],
])('%s names %s', (pattern, address) => {
  expect(pagesNamed(['/other', pattern])(address)).toBe(true);
});

it.each([
  ['/admin', '/administration'],
  ['/admin', '/x/admin'],
  ['/admin/*', '/administration'],
  ['/ab*ba', '/aba'],
  ['/a*/b', '/a'],
  ['x.example', '/a'],
  ['x.example', 'https://max.example/a'],
  ['x.example/a', 'https://x.example/b'],
  ['/a', ''],
  ['/a', 'https://x.example/b?next=/a'],
])('%s does not name %s', (pattern, address) => {
  expect(pagesNamed([pattern])(address)).toBe(false);
});

it('patterns are bounded, and none can be slow', () => {
  expect(patternsFault(['/a/*', 'x.example'])).toBeUndefined();
  expect(patternsFault(Array<string>(101).fill('/a'))).toBe('There may be at most 100 patterns.');
  expect(patternsFault(['a'.repeat(201)])).toContain('longer than 200 characters');
  expect(patternsFault(['*'.repeat(11)])).toContain('more than 10 asterisks');
  expect(patternsFault(['/a?b=c'])).toContain('queries are not compared');
  const worst = pagesNamed(Array<string>(100).fill(`/${`${'a'.repeat(18)}*`.repeat(10)}b`));
  const before = process.cpuUsage();
  for (let i = 0; i < 10; i += 1) worst(`/${'a'.repeat(1_999)}`);
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1_000).toBeLessThan(500);
});
