import { createSession, type Request } from '../http';
import { createCredentialCalls } from './credentials';
import { createExecutionCalls } from './executions';
import { createPublicationCalls } from './publication';
import { createWorkflowCalls } from './workflows';

export type { Execution, ExecutionSummary } from './executions';
export type { Workflow } from './workflows';

/** The account that the demo and the tests use. */
export interface Owner {
  email: string;
  password: string;
}

/** n8n's internal API, as far as the demo, the tests and the benchmark drive it. */
export type Rest = ReturnType<typeof createRest>;

/**
 * A client of a running n8n's internal API (the one its editor uses).
 * @param baseUrl of n8n, no slash at the end.
 * @param webhooksAt where published workflows are reached, if another process answers their webhooks.
 */
export function createRest(baseUrl: string, webhooksAt = baseUrl) {
  const request: Request = createSession(baseUrl);
  const workflows = createWorkflowCalls(request, webhooksAt);

  /** Makes the first account, or logs in when there is one. */
  const setUpOwner = async ({ email, password }: Owner) => {
    const settings = await request<{ userManagement: { showSetupOnFirstLoad?: boolean } }>(
      'GET',
      '/rest/settings',
    );
    if (settings.userManagement.showSetupOnFirstLoad) {
      const names = { firstName: 'Demo', lastName: 'Owner' };
      await request('POST', '/rest/owner/setup', { email, password, ...names });
    } else {
      await request('POST', '/rest/login', { emailOrLdapLoginId: email, password });
    }
  };

  return {
    baseUrl,
    request,
    setUpOwner,
    ...createCredentialCalls(request),
    ...workflows,
    ...createPublicationCalls(request, workflows.getWorkflow),
    ...createExecutionCalls(request),
  };
}
