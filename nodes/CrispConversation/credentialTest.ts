import {
  ACCEPTED,
  AT_ONCE,
  credentialTest,
  tryPermission,
  wrongField,
} from '../shared/credentialTests';
import { crispFields, crispFor, hookSecretFault } from '../shared/crisp';

const ADVICE = {
  notFound: 'Check Website ID, and that Base URL ends in /v1.',
  noAnswer: 'Check Base URL, and whether n8n can reach it.',
};

/** Asks for the website, and whether the token may read its conversations. n8n's own test shows nothing but a status. */
export const crispConversationTest = credentialTest(
  async (data, context) => {
    const fields = crispFields(data);
    const fault = fields.webhookSecret ? hookSecretFault(fields) : undefined;
    if (fault) throw wrongField(fault.message, fault.description);
    const { api } = await crispFor(context, AT_ONCE);
    await api.tryWebsite();
    await tryPermission(api.tryReading());
    return ACCEPTED;
  },
  () => ADVICE,
);
