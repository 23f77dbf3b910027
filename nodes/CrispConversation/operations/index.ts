import { activityResource } from '../../shared/activity';
import { crispFor } from '../../shared/crisp';
import { routeResources } from '../../shared/operations/router';
import { author, nicknameOf } from './author';
import { offer } from './offer';
import { checkForOperator } from './checkForOperator';
import { deleteNote } from './deleteNote';
import { getVisitor } from './getVisitor';
import { postNote } from './postNote';
import { sendOperatorReply } from './sendOperatorReply';
import { showTyping } from './showTyping';

const activity = activityResource(async (context) => {
  const { destination, gate } = await crispFor(context);
  return { destination: (item) => destination(nicknameOf(item)), gate };
});

export const router = routeResources(
  [
    activity,
    {
      value: 'message',
      name: 'Message',
      byDefault: 'sendOperatorReply',
      operations: [checkForOperator, sendOperatorReply, showTyping],
    },
    { value: 'note', name: 'Note', byDefault: 'post', operations: [deleteNote, postNote] },
    offer,
    { value: 'visitor', name: 'Visitor', byDefault: 'get', operations: [getVisitor] },
  ],
  { byDefault: 'message', shared: [author] },
);
