import type { WorkflowJson } from '../n8n';
import type { DemoSettings } from './settings';

type Node = WorkflowJson['nodes'][number];
type Parameters = Node['parameters'];

/** The nodes that make offers, by type, and their chat products. */
const CHATS = new Map<string, 'intercom' | 'crisp'>([
  ['n8n-nodes-autoplay.intercomConversation', 'intercom'],
  ['n8n-nodes-autoplay.crispConversation', 'crisp'],
]);
export const DETECTOR = 'n8n-nodes-autoplay.autoplayDetectMoments';

/** Rules by which nothing happens for long, as they are in the demo. On most pages, its visitors read for as long as that. */
const SOONER: Record<string, Parameters> = {
  dwell: { afterSeconds: 15, pages: '/pricing' },
  form_left: { afterSeconds: 10 },
};

/** The limits of the demo: so low that each visitor can be offered help again within minutes. */
const MANNERS = {
  ...{ earliestSeconds: 3, perSession: 0, perWeek: 0, perRule: 0 },
  ...{ shownHours: 0.01, ignoredMinutes: 1, ignoredHours: 0.01, acceptedDays: 0.0005 },
  ...{ conversationHours: 0.01, dismissedDays: 0.001, dismissedTwiceDays: 0.002 },
  // Of the six visitors, one is in the group by this name: Léa Fontaine.
  holdoutSalt: 'demo 305',
};

/** What visitors come for. */
const GOAL = { goalPage: '/boards/*', goalMinutes: 30 };

/** What the inbox says of them. */
export const ABOUT_OFFERS =
  'In this demo, Observe Only is off, and times and limits are lower. In the workflow as it is shipped, Observe Only is on: it decides and counts, and sends nothing. Léa Fontaine is in the holdout group, and gets no offers. Visitors who open a board within half an hour count as converted.';

/** Whether a node makes offers, not only decides about them. */
export function sendsOffers({ type, disabled, parameters }: Node): boolean {
  const { resource, operation, observeOnly } = parameters;
  const isMaking = CHATS.has(type) && resource === 'offer' && operation === 'make';
  return isMaking && observeOnly === false && !disabled;
}

/** A workflow as the demo runs it: where the chat product is simulated, it makes offers, soon and often. */
export function withOffers(workflow: WorkflowJson, settings: DemoSettings): WorkflowJson {
  const observes = ({ type, parameters }: Node): boolean => {
    const chat = CHATS.get(type);
    return chat !== undefined && !settings[chat] && parameters.observeOnly === true;
  };
  if (!workflow.nodes.some(observes)) return workflow;
  const nodes = workflow.nodes.map((node) => {
    const { type, parameters } = node;
    if (type === DETECTOR) return { ...node, parameters: sooner(parameters) };
    if (!observes(node)) return node;
    const manners = { ...(parameters.manners as Parameters), ...MANNERS };
    const options = { ...(parameters.options as Parameters), ...GOAL };
    return { ...node, parameters: { ...parameters, observeOnly: false, manners, options } };
  });
  return { ...workflow, nodes };
}

function sooner(parameters: Parameters): Parameters {
  const { rule: rules } = (parameters.rules ?? {}) as { rule?: Parameters[] };
  if (!rules) return parameters;
  const rule = rules.map((one) => ({ ...one, ...SOONER[String(one.rule)] }));
  return { ...parameters, rules: { rule } };
}
