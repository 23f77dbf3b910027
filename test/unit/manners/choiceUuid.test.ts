import { choiceUuid } from '../../../core/manners/choiceUuid';

it('gives a choice the same UUID each time, and another one to any other choice or offer', () => {
  const made = choiceUuid('offer-1', 'help');
  expect(choiceUuid('offer-1', 'help')).toBe(made);
  const others = [choiceUuid('offer-1', 'no'), choiceUuid('offer-2', 'help')];
  expect(new Set([made, ...others]).size).toBe(3);
  expect(made).toMatch(/^[\da-f]{8}-[\da-f]{4}-5[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
});

it('keeps the border between offer and value', () => {
  expect(choiceUuid('a', 'b')).not.toBe(choiceUuid('ab', ''));
  expect(choiceUuid('a","b', 'c')).not.toBe(choiceUuid('a', 'b","c'));
});
