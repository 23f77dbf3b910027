import { join } from 'node:path';
import type { DemoFacts, Simulators } from '../../simulators';
import type { CredentialMap, Rest } from '../n8n';
import { RestError } from '../n8n';
import { repositoryFolder } from '../n8n/node24';
import { type DemoCredential, demoCredentials } from './credentials';
import { type DemoMemory, hashOf, newPassword } from './memory';
import { memoriesWithOffers } from './offers';
import type { DemoSettings } from './settings';
import { bringWorkflows, type WorkflowOutcome } from './workflows';

/** What the demo has set up in n8n. */
export interface SetUpResult {
  email: string;
  password: string;
  workflows: WorkflowOutcome[];
  /** The webhook addresses of the chat products. */
  webhooks: Webhook[];
  /** Where the chat products' AI agents ask. */
  agents: DemoFacts['agents'];
}

/** A published trigger's address. */
export interface Webhook {
  chat: 'intercom' | 'crisp';
  workflow: string;
  node: string;
  url: string;
}

/** The demo's account in n8n. */
export const EMAIL = 'demo@example.com';
const chatOf = new Map<string, Webhook['chat']>([
  ['n8n-nodes-autoplay.intercomConversationTrigger', 'intercom'],
  ['n8n-nodes-autoplay.crispConversationTrigger', 'crisp'],
]);

/**
 * Makes the account, the credentials and the workflows, or brings those of an earlier start up to date.
 * @param options.memory is updated; `save` is called whenever it should survive a crash.
 */
export async function setUpN8n(options: {
  rest: Rest;
  settings: DemoSettings;
  urls: Simulators['urls'];
  memory: DemoMemory;
  save: () => void;
}): Promise<SetUpResult> {
  const { rest, settings, urls, memory, save } = options;
  const password = settings.password ?? memory.password ?? newPassword();
  memory.password = password;
  // Before the account is made, because a password that is lost later cannot be recovered.
  save();
  await logIn(rest, settings, password);

  const credentials: CredentialMap = {};
  let credentialsChanged = false;
  const wanted = [...demoCredentials(settings, urls), formCredential(password)];
  for (const { type, name, data } of wanted) {
    const hash = hashOf(data);
    const isKnown = memory.credentials[type] === hash;
    const current = isKnown ? await rest.findCredential(type, name) : undefined;
    // A credential that the user changed in the editor stays as it is.
    credentials[type] = current ?? (await rest.upsertCredential(type, name, data));
    credentialsChanged ||= !isKnown;
    memory.credentials[type] = hash;
  }
  const workflows = await bringWorkflows({
    rest,
    folder: join(repositoryFolder, 'workflows'),
    source: settings.source,
    credentials,
    credentialsChanged,
    memory,
  });
  // Last, so that the start after an interrupted one republishes workflows with the old credentials.
  save();
  return {
    email: EMAIL,
    password,
    workflows,
    webhooks: await chatWebhooks(rest, settings, workflows),
    agents: {
      intercom: await agentAddress(rest, 'fin', workflows),
      crisp: await agentAddress(rest, 'hugo', workflows),
    },
  };
}

/** What the inbox says of n8n: where it is, which workflow is whose, when the bot in Crisp is silent, and where agents ask. */
export function factsOf(
  n8nUrl: string,
  { workflows, webhooks, agents }: Pick<SetUpResult, 'workflows' | 'webhooks' | 'agents'>,
): Omit<DemoFacts, 'simulated'> {
  const nodes = workflows.flatMap(({ workflow }) => workflow?.nodes ?? []);
  const check = nodes.find(({ parameters }) => parameters.operation === 'checkForOperator');
  const minutes = Number(check?.parameters.silentMinutes);
  return {
    n8n: n8nUrl,
    workflows: webhooks.flatMap(({ chat, workflow: name }) => {
      const id = workflows.find((one) => one.name === name)?.workflow?.id;
      return id ? [{ name, chat, url: editorOf(n8nUrl, id) }] : [];
    }),
    silentMinutes: minutes >= 0 ? minutes : 0,
    offers: memoriesWithOffers(workflows).length > 0,
    agents,
  };
}

/** A workflow's address in the editor. */
export const editorOf = (n8nUrl: string, id: string): string => `${n8nUrl}/workflow/${id}`;

/** Logs in to the form of the workflow that forgets people, with the demo's address and password. */
const formCredential = (password: string): DemoCredential => ({
  type: 'httpBasicAuth',
  name: 'Forget form',
  data: { user: EMAIL, password },
});

async function logIn(rest: Rest, settings: DemoSettings, password: string): Promise<void> {
  try {
    await rest.setUpOwner({ email: EMAIL, password });
  } catch (error) {
    if (!(error instanceof RestError) || error.status !== 401) throw error;
    throw new Error(
      `n8n no longer accepts the password of ${EMAIL}. Set DEMO_PASSWORD to the one you changed it to, or remove ${settings.folder} to start over.`,
      { cause: error },
    );
  }
}

async function chatWebhooks(rest: Rest, settings: DemoSettings, outcomes: WorkflowOutcome[]) {
  const webhooks: Webhook[] = [];
  for (const { workflow, state } of outcomes) {
    if (!workflow || state !== 'published') continue;
    for (const node of workflow.nodes) {
      const chat = chatOf.get(node.type);
      if (!chat || node.disabled) continue;
      const base = settings[chat] ? settings.publicUrl : undefined;
      const url = await rest.webhookUrl(workflow, node.name, { ...(base && { base }) });
      webhooks.push({ chat, workflow: workflow.name, node: node.name, url });
    }
  }
  return webhooks;
}

/** The address at which a published workflow answers an asker; null where none does. */
async function agentAddress(
  rest: Rest,
  asker: 'fin' | 'hugo',
  outcomes: WorkflowOutcome[],
): Promise<string | null> {
  for (const { workflow, state } of outcomes) {
    const node = workflow?.nodes.find(
      ({ type, parameters, disabled }) =>
        type === 'n8n-nodes-autoplay.autoplayContextServer' &&
        (parameters.whoAsks ?? 'fin') === asker &&
        !disabled,
    );
    if (workflow && node && state === 'published')
      return await rest.webhookUrl(workflow, node.name);
  }
  return null;
}
