import type { ITriggerFunctions, ITriggerResponse } from 'n8n-workflow';
import type { Clock } from '../../core/clock';
import { receiving } from '../shared/batching/receiving';
import { pushIntakes } from './intake';
import { filterOf } from '../shared/batching/nodeFilter';

/** Takes what the node's webhook has remembered and starts executions with it, many sessions in one. */
export async function listen(context: ITriggerFunctions, clock: Clock): Promise<ITriggerResponse> {
  const filter = filterOf(context);
  const { dispatcher, storage, close } = await receiving(context, clock, {
    sender: 'the connector',
    leftOut: filter && (() => filter.take()),
  });
  const closeIntake = pushIntakes.open(context, {
    add: (batch) => dispatcher.add(batch),
    storage,
  });
  return {
    closeFunction: async () => {
      // From now on, the webhook starts executions itself.
      closeIntake();
      await close();
    },
  };
}
