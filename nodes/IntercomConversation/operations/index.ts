import { activityResource } from '../../shared/activity';
import { intercomFor } from '../../shared/intercom';
import { routeResources } from '../../shared/operations/router';
import { author, authorOf } from './author';
import { offer } from './offer';
import { postNote } from './postNote';
import { redactNote } from './redactNote';
import { reply } from './reply';

const activity = activityResource(async (context) => {
  const { destination, gate } = await intercomFor(context);
  return { destination: (item) => destination(authorOf(item)), gate };
});

export const router = routeResources(
  [
    activity,
    { value: 'message', name: 'Message', byDefault: 'reply', operations: [reply] },
    { value: 'note', name: 'Note', byDefault: 'post', operations: [postNote, redactNote] },
    offer,
  ],
  { byDefault: 'activity', shared: [author] },
);
