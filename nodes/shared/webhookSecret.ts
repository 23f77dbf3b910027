import { NodeOperationError, type IHookFunctions, type INodeType } from 'n8n-workflow';

/** When n8n starts, it starts published workflows. The parts of them that work must not stop for a missing secret. */
export const AT_START: readonly string[] = ['init', 'leadershipChange'];

/** What is wrong with a secret, and what to do. */
export interface SecretFault {
  message: string;
  description: string;
}

/**
 * What n8n calls before it publishes or tests a webhook. Refuses if no delivery could ever prove where it comes from.
 * There is nothing to register, because people enter the URL in the service.
 *
 * @param faultOf what is wrong with the secret in the node's credential; undefined if nothing is
 */
export function publishedWithSecret(
  faultOf: (context: IHookFunctions) => Promise<SecretFault | undefined>,
): NonNullable<INodeType['webhookMethods']> {
  const done = async () => true;
  return {
    default: {
      async checkExists(this: IHookFunctions): Promise<boolean> {
        const fault = await faultOf(this);
        if (!fault) return true;
        if (!AT_START.includes(this.getActivationMode())) {
          throw new NodeOperationError(this.getNode(), fault.message, fault);
        }
        this.logger.warn(`${this.getNode().name}: ${fault.message}. ${fault.description}`);
        return true;
      },
      create: done,
      delete: done,
    },
  };
}
