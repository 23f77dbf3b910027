import { systemClock } from '../../../core/clock';
import { operatorWroteAt } from '../../../core/crisp/operator';
import { crispFor } from '../../shared/crisp';
import { conversationOf } from '../../shared/operations/fields';
import { operation } from '../../shared/operations/operation';
import { conversation } from './fields';
import { silenceField, silenceOf } from './silence';

const silence = silenceField(
  'How long the bot stays silent after an operator wrote, unless the conversation is resolved earlier. 0 means never.',
);

const TAKEN_OVER = 1;

/** Each item with `operator_wrote_at`, null where there is no operator. */
export const checkForOperator = operation({
  value: 'checkForOperator',
  name: 'Check for Operator',
  action: 'Check for an operator',
  description: 'Find out whether an operator has taken over, before you spend money on an answer',
  fields: [conversation, silence],
  outputs: ['No Operator', 'Taken Over'],
  prepare: (context) => crispFor(context),
  async run(item, { api, secret }) {
    const conversation_id = conversationOf(item);
    const silenceMs = silenceOf(item, silence);
    const since = systemClock.now() - silenceMs;
    const at =
      silenceMs > 0 ? await operatorWroteAt(api, conversation_id, { since, secret }) : null;
    const operator_wrote_at = at === null ? null : new Date(at).toISOString();
    const output = at === null ? 0 : TAKEN_OVER;
    return { json: { conversation_id, operator_wrote_at }, output };
  },
});
