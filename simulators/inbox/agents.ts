import type { Clock } from '../../core/clock';
import { askAsFin, askAsHugo, type Exchange } from '../agents';
import { apiError } from '../http/apiError';
import type { IntercomSimulator } from '../intercom';
import { htmlToText } from '../intercom/html';
import type { DemoFacts } from './facts';
import type { Thread } from './threads';

/** What the chat products' AI agents sign with. */
export interface AgentSecrets {
  /** Of the tokens that the site's server signs for its users. */
  userToken: string;
  /** Of the MCP server in Crisp. */
  mcp: string;
  /** Sent beside the signature, because the MCP server in Crisp is set to. */
  mcpToken: string;
  crispWebsiteId: string;
}

/** The AI agents of the chat products, who ask n8n about visitors. */
export interface Agents {
  /**
   * Asks because of the latest message of a conversation's visitor.
   *
   * @param forged as an attacker, who does not have the secret
   * @throws ApiError 400 where nothing answers
   */
  ask(thread: Thread, forged: boolean): Promise<Exchange>;
}

/** @param addresses where they ask, as soon as that is known */
export function createAgents(
  secrets: AgentSecrets,
  intercom: Pick<IntercomSimulator, 'conversation' | 'contact'>,
  addresses: () => DemoFacts['agents'],
  clock: Clock,
): Agents {
  return {
    async ask({ id, chat, entries }, forged) {
      const url = addresses()[chat];
      if (!url) throw apiError(400, '', 'No published workflow answers that agent');
      const asked = entries.findLast(({ kind }) => kind === 'message');
      const occasion = { question: htmlToText(asked?.body ?? ''), forged };
      if (chat === 'intercom') {
        const { external_id } = intercom.contact(intercom.conversation(id).contactId);
        return await askAsFin({ url, secret: secrets.userToken }, external_id, occasion, clock);
      }
      const { mcp: secret, mcpToken: token, crispWebsiteId: websiteId } = secrets;
      return await askAsHugo({ url, secret, token, websiteId }, id, occasion, clock);
    },
  };
}
