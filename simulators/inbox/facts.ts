import type { ChatName } from './threads';

/** What the page says of the demo around it. */
export interface DemoFacts {
  /** The address of n8n, no slash at the end; null when there is none. */
  n8n: string | null;
  /** The workflows in n8n that use a chat product, with the addresses of their editors. */
  workflows: { name: string; chat: ChatName; url: string }[];
  /** Which services are simulated. */
  simulated: { visitors: boolean; intercom: boolean; crisp: boolean; model: boolean };
  /** For how long the bot in Crisp is silent after an operator wrote, in minutes; 0 for not at all. */
  silentMinutes: number;
  /** Whether published workflows make offers. */
  offers: boolean;
  /** Where each chat product's AI agent asks about its visitors; null where no published workflow answers. */
  agents: Record<ChatName, string | null>;
}

/** Before anything is known of an n8n. The minutes are those of the shipped workflow. */
export const NO_FACTS: DemoFacts = {
  n8n: null,
  workflows: [],
  simulated: { visitors: true, intercom: true, crisp: true, model: true },
  silentMinutes: 30,
  offers: false,
  agents: { intercom: null, crisp: null },
};
