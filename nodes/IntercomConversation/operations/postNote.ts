import { intercomFor } from '../../shared/intercom';
import * as note from '../../shared/note';
import { conversation, sendItem, sendingFields } from './send';

export const postNote = note.postNote({
  readers: 'teammates',
  conversation,
  fields: sendingFields,
  prepare: (context) => intercomFor(context),
  post: (item, conversationId, intercom) => sendItem(item, conversationId, intercom, 'note'),
});
