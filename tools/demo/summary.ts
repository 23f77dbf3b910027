import type { DemoSettings } from './settings';
import { editorOf, type Webhook } from './setUp';
import type { WorkflowOutcome } from './workflows';

/** The facts in the summary. */
export interface SummaryFacts {
  settings: DemoSettings;
  n8nUrl: string;
  email: string;
  password: string;
  /** Undefined when there is nothing simulated to look at. */
  inboxUrl?: string;
  workflows: WorkflowOutcome[];
  /** Webhook addresses that a person has to register with a real chat product. */
  toRegister: Webhook[];
}

const SOURCES = { autoplay: 'Autoplay', posthog: 'PostHog' };

/** The text at the end of the start: where to look, what runs, and what is left to do. */
export function summary(facts: SummaryFacts): string {
  const { settings, n8nUrl, email, password, inboxUrl, workflows, toRegister } = facts;
  const service = (real: boolean, name: string) => `${name} (${real ? 'real' : 'simulated'})`;
  const rows: Array<[string, string]> = [
    ...(inboxUrl
      ? [
          ['Open this first', inboxUrl] as [string, string],
          ['', 'the inbox: choose a visitor, let them act, and ask in their name'] as [
            string,
            string,
          ],
          ['', ''] as [string, string],
        ]
      : []),
    ['n8n', `${n8nUrl}/home/workflows`],
    ['', `log in as ${email} with ${password}`],
    ['', ''],
    ...workflows.flatMap((one, index) =>
      aboutWorkflow(one, facts).map((text, line): [string, string] => [
        index === 0 && line === 0 ? 'Workflows' : '',
        text,
      ]),
    ),
    ['', ''],
    [
      'Services',
      [
        service(Boolean(settings[settings.source]), SOURCES[settings.source]),
        service(Boolean(settings.intercom), 'Intercom'),
        service(Boolean(settings.crisp), 'Crisp'),
        service(Boolean(settings.openai), 'OpenAI'),
      ].join(', '),
    ],
    ...(settings.openai
      ? []
      : [
          [
            '',
            'The simulated model has a few prepared answers; for real ones: OPENAI_API_KEY=… npm start',
          ] as [string, string],
        ]),
    ['Data', settings.folder],
  ];
  const lines = rows.map(([label, text]) => `  ${label.padEnd(17)}${text}`.trimEnd());
  lines.push(...toRegister.flatMap((webhook) => ['', ...registration(webhook, settings)]));
  return ['', ...lines, '', '  Ctrl-C stops everything.', ''].join('\n');
}

/** A workflow's state, its address in the editor, and the address of its form or chat. */
function aboutWorkflow(
  { name, state, reason, workflow }: WorkflowOutcome,
  { n8nUrl, email }: SummaryFacts,
): string[] {
  const lines = [`${name}: ${state}${reason ? ` (${reason})` : ''}`];
  if (!workflow) return lines;
  lines.push(`  ${editorOf(n8nUrl, workflow.id)}`);
  const published = state === 'published' ? workflow.nodes : [];
  for (const { type, webhookId } of published) {
    if (!webhookId) continue;
    if (type.endsWith('.formTrigger')) {
      lines.push(
        `  its form: ${n8nUrl}/form/${webhookId}`,
        `  user name ${email}, and the password above`,
      );
    }
    if (type.endsWith('.chatTrigger'))
      lines.push(`  its chat: ${n8nUrl}/webhook/${webhookId}/chat`);
  }
  return lines;
}

/** How a person registers an address. A website's hook in Crisp proves itself by the key in its URL. */
function registration(
  { chat, node, url, events }: Webhook,
  { crisp, publicUrl }: DemoSettings,
): string[] {
  const byKey = chat === 'crisp' && crisp?.tier === 'website';
  const place =
    chat === 'intercom'
      ? "Intercom's Developer Hub → Webhooks"
      : byKey
        ? 'Crisp → Settings → Workspace Settings → Advanced configuration → Web Hooks'
        : "your plugin's Web Hooks in the Crisp Marketplace";
  const lines = [`  Register this URL for "${node}" in ${place}:`];
  lines.push(`    ${url}${byKey ? '?key=…' : ''}`);
  if (byKey) lines.push('  with CRISP_WEBHOOK_SECRET in place of the dots.');
  if (chat === 'crisp') lines.push(`  Events to choose: ${events.join(', ')}`);
  if (!publicUrl) {
    const name = chat === 'crisp' ? 'Crisp' : 'Intercom';
    lines.push(
      `  ${name} cannot reach that address. Make n8n reachable (with a tunnel, for example) and start with WEBHOOK_URL=https://…`,
    );
  }
  return lines;
}
