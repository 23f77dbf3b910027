import { plainText } from '../../../core/crisp/send';

it.each([
  ['[1] User clicked Save', '[1] User clicked Save'],
  ['[win a prize](https://evil.example)', '[win a prize] (https://evil.example)'],
  ['![](https://evil.example/pixel.png)', '![] (https://evil.example/pixel.png)'],
  ['[a]: https://evil.example', '[a] : https://evil.example'],
  ['[text][reference]', '[text] [reference]'],
])('Crisp shows %s as words', (text, shown) => {
  expect(plainText(text)).toBe(shown);
});
