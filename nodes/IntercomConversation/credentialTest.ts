import type {
  ICredentialTestFunctions,
  ICredentialsDecrypted,
  INodeCredentialTestResult,
} from 'n8n-workflow';
import { AT_ONCE, contextOf, testResult, tryPermission } from '../shared/credentialTests';
import { intercomFor } from '../shared/intercom';

/** Asks who the token belongs to, and whether it may read what the nodes read; n8n's own test tells a status alone. */
export async function intercomConversationTest(
  this: ICredentialTestFunctions,
  credential: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
  const isCustom = credential.data?.region === 'custom';
  const noAnswer = isCustom
    ? 'Check Base URL, and whether n8n can reach it.'
    : 'Check whether n8n can reach the internet: it may need a proxy, or a firewall may be in the way.';
  return await testResult(
    async () => {
      const { api } = await intercomFor(contextOf(this, credential), AT_ONCE);
      await api.me();
      await tryPermission(api.admins());
      await tryPermission(api.tryReading());
    },
    { notFound: 'Check Base URL.', noAnswer },
  );
}
