import {
  OtherWorkspaceError,
  type Destination,
  type NotePost,
} from '../../core/delivery/destination';
import { chatKey, productOf } from '../../core/memory/chatKey';
import type { Gate } from '../../core/delivery/gate';
import { secretsIn } from '../../core/http/secrets';
import { createIntercomApi, type IntercomApi } from '../../core/intercom/api';
import { createIntercomDestination, type Doubt } from '../../core/intercom/destination';
import {
  baseUrlOf,
  callsWith,
  gateOf,
  tokenKey,
  tokenOf,
  type ServiceContext,
  type Urgency,
} from './service';

export const INTERCOM_CREDENTIAL = 'intercomConversationApi';
const CREDENTIAL_NAME = 'Intercom Conversation API';

const REQUEST_TIMEOUT_MS = 20_000;

/** The admin each token belongs to, and the workspace, once they are known. */
const owners = new Map<string, Awaited<ReturnType<IntercomApi['me']>>>();

/** Intercom's hosts, by the credential's region. */
const HOSTS: Record<string, string> = {
  us: 'https://api.intercom.io',
  eu: 'https://api.eu.intercom.io',
  au: 'https://api.au.intercom.io',
};

export interface Intercom {
  api: IntercomApi;
  /** The admin that notes and replies come from: the one given, or the token's own. */
  adminId(given: string): Promise<string>;
  destination(givenAdminId: string): Destination;
  /** See {@link DeliveryParts}. */
  gate: Gate;
}

/**
 * Intercom with the node's credential.
 * @throws NodeOperationError when something is entered that can never work
 */
export async function intercomFor(
  context: ServiceContext,
  options: Urgency = {},
): Promise<Intercom> {
  const { accessToken, region, baseUrl } = await context.getCredentials(INTERCOM_CREDENTIAL);
  const host = HOSTS[String(region)] ?? baseUrl;
  const base = baseUrlOf(context, host, CREDENTIAL_NAME);
  const token = tokenOf(context, accessToken, 'Access Token', CREDENTIAL_NAME);
  const key = tokenKey(base, token);
  const secrets = [token, ...secretsIn(base)];
  const authentication = { Authorization: `Bearer ${token}` };
  const api = createIntercomApi({
    baseUrl: base,
    ...callsWith(context, { key, authentication, secrets }, REQUEST_TIMEOUT_MS),
    ...options,
  });

  async function owner() {
    const known = owners.get(key);
    if (known !== undefined) return known;
    // Everybody asks until one is answered: that Intercom is away shows by several calls.
    const me = await api.me();
    owners.set(key, me);
    return me;
  }

  async function adminId(given: string): Promise<string> {
    return given !== '' ? given : (await owner()).id;
  }

  /** Several workspaces may share a memory. The token's own is asked for where a link names one. */
  async function refuseOthers({ chat, conversationId }: NotePost): Promise<void> {
    if (chat === undefined || productOf(chat) === chat) return;
    const { workspace } = await owner();
    if (workspace !== null && chat !== chatKey(productOf(chat), workspace)) {
      throw new OtherWorkspaceError('Intercom', conversationId);
    }
  }
  return {
    api,
    adminId,
    gate: gateOf(key),
    destination(given) {
      const into = createIntercomDestination(
        api,
        () => adminId(given),
        (doubt, conversationId) => tellDoubt(context, doubt, conversationId),
      );
      return {
        ...into,
        get chat() {
          return chatKey(into.chat, owners.get(key)?.workspace);
        },
        async postNote(note) {
          await refuseOthers(note);
          return await into.postNote(note);
        },
      };
    },
  };
}

const DOUBTS: Record<Doubt, string> = {
  alike:
    'Several notes of this author say the same: the newest was taken for the one just posted, and may be another of them',
  missing:
    'Intercom did not show the note that was just posted: it stays, and no summary will replace it',
};

/** Seldom, and nothing to do about it; but whoever wonders about a note finds it said. */
function tellDoubt(context: ServiceContext, doubt: Doubt, conversationId: string): void {
  const message = `${DOUBTS[doubt]} (conversation ${conversationId}).`;
  context.logger.warn(`Intercom Conversation: ${message}`);
  context.addExecutionHints?.({ message, type: 'warning' });
}
