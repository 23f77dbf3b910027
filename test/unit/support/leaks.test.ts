import { formsOf, leaks } from '../../support/leaks';

const secret = 'pLaNt3d-s3cret/ä';

it('a secret is found as it is, in an address, and in base64 wherever it stands in there', () => {
  for (const before of ['', 'a', 'ab', 'abc', 'user:']) {
    for (const after of ['', 'b', 'bc', ':x']) {
      const encoded = Buffer.from(before + secret + after).toString('base64');
      const places = [{ name: 'header', content: Buffer.from(`Basic ${encoded}`) }];
      expect(leaks({ key: secret }, places)).toHaveLength(1);
    }
  }
  const url = [{ name: 'url', content: Buffer.from(`?key=${encodeURIComponent(secret)}`) }];
  expect(leaks({ key: secret }, url)).toHaveLength(1);
});

it('nothing is found where it is not', () => {
  const content = Buffer.from(Buffer.from('another text of some length').toString('base64'));
  expect(leaks({ key: secret }, [{ name: 'log', content }])).toEqual([]);
  expect(formsOf(secret).every((form) => form.length > 12)).toBe(true);
});
