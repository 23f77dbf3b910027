import { NodeOperationError, type IHookFunctions, type INodeType } from 'n8n-workflow';

/** n8n starts with workflows that were published before: what still works in them must not stop for this. */
const AT_START = ['init', 'leadershipChange'];

/** What is wrong with a secret, and what to do. */
export interface SecretFault {
  message: string;
  description: string;
}

/**
 * What n8n calls before it publishes or tests a webhook: refuses where no delivery could ever prove itself. There is
 * nothing to register, for URLs are entered by hand in the service.
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
