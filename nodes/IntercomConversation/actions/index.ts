import { activityActions } from '../../shared/activity';
import type { Actions } from '../../shared/actions';
import { intercomFor } from '../../shared/intercom';
import { authorOf } from './fields';
import * as message from './message';
import * as note from './note';

/** By the names of the resources. */
export const actions: Record<string, Actions> = {
  activity: activityActions(async (context) => {
    const { destination, gate } = await intercomFor(context);
    return { destination: (item) => destination(authorOf(context, item)), gate };
  }),
  message,
  note,
};
