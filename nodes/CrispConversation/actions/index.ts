import type { Actions } from '../../shared/actions';
import { activityActions } from '../../shared/activity';
import { crispFor } from '../../shared/crisp';
import { nicknameOf } from './fields';
import * as message from './message';
import * as note from './note';
import * as visitor from './visitor';

/** By the names of the resources. */
export const actions: Record<string, Actions> = {
  activity: activityActions(async (context) => {
    const { destination, gate } = await crispFor(context);
    return { destination: (item) => destination(nicknameOf(context, item)), gate };
  }),
  message,
  note,
  visitor,
};
