import type {
  ICredentialTestFunctions,
  ICredentialsDecrypted,
  INodeCredentialTestResult,
} from 'n8n-workflow';
import { AT_ONCE, contextOf, testResult, tryPermission } from '../shared/credentialTests';
import { crispFields, crispFor, hookSecretFault } from '../shared/crisp';

const ADVICE = {
  notFound: 'Check Website ID, and that Base URL ends in /v1.',
  noAnswer: 'Check Base URL, and whether n8n can reach it.',
};

/** Asks for the website, and whether the token may read its conversations; n8n's own test tells a status alone. */
export async function crispConversationTest(
  this: ICredentialTestFunctions,
  credential: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
  const fields = crispFields(credential.data ?? {});
  const fault = fields.webhookSecret ? hookSecretFault(fields) : undefined;
  if (fault) return { status: 'Error', message: `${fault.message}. ${fault.description}` };
  return await testResult(async () => {
    const { api } = await crispFor(contextOf(this, credential), AT_ONCE);
    await api.tryWebsite();
    await tryPermission(api.tryReading());
  }, ADVICE);
}
