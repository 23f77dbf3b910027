import { ACCEPTED, AT_ONCE, credentialTest, tryPermission } from '../shared/credentialTests';
import { intercomFor } from '../shared/intercom';

const NO_ANSWER = {
  custom: 'Check Base URL, and whether n8n can reach it.',
  known:
    'Check whether n8n can reach the internet: it may need a proxy, or a firewall may be in the way.',
};

/**
 * Asks which admin the token belongs to, and whether it may read what the nodes read. n8n's own test shows nothing
 * but a status.
 */
export const intercomConversationTest = credentialTest(
  async (_fields, context) => {
    const { api } = await intercomFor(context, AT_ONCE);
    await api.me();
    await tryPermission(api.admins());
    await tryPermission(api.tryReading());
    return ACCEPTED;
  },
  ({ region }) => ({
    notFound: 'Check Base URL.',
    noAnswer: region === 'custom' ? NO_ANSWER.custom : NO_ANSWER.known,
  }),
);
