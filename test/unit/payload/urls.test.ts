import { webAddress, withoutQueries } from '../../../core/payload/urls';
import { action, batch } from '../../support/batches';
import { cpuMsOf } from '../../support/cpuTime';

const stored = (text: string, url = '') => {
  const fields = { title: text, description: text, raw_url: url, canonical_url: url };
  const summaries = [{ summary: text, replaces: 0, forwarded_at: 0, position: 0 }];
  const [first, summary] = [action(fields), summaries];
  const out = withoutQueries({ ...batch('s', []), actions: [first], summaries: summary });
  expect(out.actions[0]!.description).toBe(out.actions[0]!.title);
  expect(out.summaries?.[0]?.summary).toBe(out.actions[0]!.title);
  expect(out.actions[0]!.raw_url).toBe(out.actions[0]!.canonical_url);
  return { text: out.actions[0]!.title, url: out.actions[0]!.raw_url };
};

it.each([
  ['https://app.example/a?token=x#y', 'https://app.example/a'],
  ['/boards/:id#card-7', '/boards/:id'],
  ['https://app.example/a;jsessionid=SECRET/b;v=1?x', 'https://app.example/a/b'],
  ['https://ada:secret@app.example/a', 'https://app.example/a'],
  ['https://ada:se@cret@app.example', 'https://app.example'],
  ['//ada@app.example/a', '//app.example/a'],
  ['/people/@ada', '/people/@ada'],
  ['https://ada:secre…', 'https://…'],
  ['https://app.example/a…', 'https://app.example/a…'],
])('the address %s is stored as %s', (url, bare) => {
  expect(stored('', url).url).toBe(bare);
});

it.each([
  ['Opened https://app.example/reset?token=x', 'Opened https://app.example/reset'],
  ['Opened (https://a:b@app.example/x#y) twice', 'Opened (https://app.example/x twice'],
  ['Opened /reset?token=x then /home', 'Opened /reset then /home'],
  ['Opened "/a#access_token=x"', 'Opened "/a'],
  ['Opened myapp://pay?card=1', 'Opened myapp://pay'],
  ['Opened app.example.test/reset?token=SECRET', 'Opened app.example.test/reset'],
  ['Opened app.example.test?token=SECRET', 'Opened app.example.test'],
  ['Opened app.example.test/#/reset?token=SECRET', 'Opened app.example.test/'],
  ['Opened reset?token=SECRET', 'Opened reset'],
  ['Opened ?token=SECRET&x=1', 'Opened '],
  ['Opened localhost:3000/a?SECRET', 'Opened localhost:3000/a'],
  ['Opened reset.php?SECRET', 'Opened reset.php'],
  ['Opened a.example:8080?SECRET', 'Opened a.example:8080'],
  ['Opened localhost:3000?SECRET', 'Opened localhost:3000'],
  ['Opened 10.0.0.1:80?SECRET', 'Opened 10.0.0.1:80'],
  ['Opened /a;jsessionid=SECRET twice', 'Opened /a twice'],
  ['Opened app.example/a;jsessionid=SECRET.', 'Opened app.example/a'],
  ['Opened /search?q=two words&token=SECRET now', 'Opened /search words now'],
  ['Opened https://ada:secre…', 'Opened https://…'],
  ['Opened https://ada:secret@app.exam…', 'Opened https://…'],
  ['Opened https://app.example/a, then b…', 'Opened https://app.example/a, then b…'],
  ['Opened //ada@app.example/a?token=SECRET', 'Opened //ada@app.example/a'],
])('the text %s is stored as %s', (text, bare) => {
  expect(stored(text).text).toBe(bare);
});

it.each([
  'Clicked “Are you sure?” #1',
  'Asked and/or? Yes = no',
  'Wrote to ada@example.com',
  'C# / F#',
  'Chose 50/50? maybe',
  'Is it done? #1, R&D, Q&A, x = 1',
  'Really.Done?!',
  'Chose a;b=c',
  'Is it 3.50?',
])('the text %s contains no address', (text) => {
  expect(stored(text).text).toBe(text);
});

it.each(['"/', '/', 'a/', 'a://', 'a.', '&a', '@', '?', '"?', 'https://a@', '(/a', '/;a=', ';a='])(
  'a title full of %s takes no long time',
  (piece) => {
    const text = piece.repeat(100_000);
    const actions = [action({ title: `${text}#@&`, description: text })];
    expect(cpuMsOf(() => withoutQueries({ ...batch('s', []), actions }))).toBeLessThan(2_000);
  },
);

it('an address full of slashes takes no long time', () => {
  const url = `https://x.example/${'/'.repeat(200_000)}a`;
  expect(cpuMsOf(() => webAddress(url))).toBeLessThan(50);
});
