import type { IntercomApi } from '../../../core/intercom/api';
import { createIntercomDestination } from '../../../core/intercom/destination';

it('Intercom knows its own conversations by their form', () => {
  const { ownsConversation } = createIntercomDestination({} as IntercomApi, async () => '1');
  const ids = ['215467', 'session_5bd4e1a6-2f0c', '12a', ''];
  expect(ids.filter(ownsConversation)).toEqual(['215467']);
});
