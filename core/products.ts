import { crisp } from './crisp/product';
import { intercom } from './intercom/product';

/** What is known of a chat product without a call to it. A third product is a folder beside these and a line below. */
export interface ChatProduct {
  /** Its key in the memory, in links and in items, such as `intercom`; without a colon. */
  chat: string;
  /** What people call it, in panels and as the `service` of its errors. */
  name: string;
  /** The type of its trigger node, without the package. */
  trigger: string;
  /** The type of the node whose resource Activity delivers into it, and that node's default resource. */
  node: { type: string; resource: string };
  /** The field of its trigger's items that names the workspace of a conversation. */
  workspaceField: string;
  /** Whether an id has the form of this product's conversations. The stream names conversations without their product. */
  owns(conversationId: string): boolean;
  /** The product's error codes for a missing conversation. */
  goneCodes: readonly string[];
  /** What to do about a refusal, in sentences, by the product's error code or by HTTP status. */
  advice: Readonly<Record<string, string>>;
}

/** All chat products that notes can be delivered into, in the order of their names. */
export const products: readonly ChatProduct[] = [crisp, intercom];

/** Whether a conversation, named by the stream, may be one of this chat product. */
export function ownsConversation(chat: string, conversationId: string): boolean {
  return products.some((product) => product.chat === chat && product.owns(conversationId));
}
