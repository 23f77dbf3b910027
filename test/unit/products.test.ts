import { ownsConversation } from '../../core/products';

it.each([
  ['intercom', ['215467']],
  ['crisp', ['session_5bd4e1a6-2f0c']],
  ['zendesk', []],
  ['constructor', []],
])('conversations of %s are known by their form', (chat, own) => {
  const ids = ['215467', 'session_5bd4e1a6-2f0c', '12a', ''];
  expect(ids.filter((id) => ownsConversation(chat, id))).toEqual(own);
});
