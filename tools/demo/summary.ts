import type { DemoSettings } from './settings';
import type { Webhook } from './setUp';
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

/** The text at the end of the start: where to look, what runs, and what is left to do. */
export function summary(facts: SummaryFacts): string {
  const { settings, n8nUrl, email, password, inboxUrl, workflows, toRegister } = facts;
  const service = (real: boolean, name: string) => `${name} (${real ? 'real' : 'simulated'})`;
  const rows: Array<[string, string]> = [
    ['n8n', n8nUrl],
    ['', `log in as ${email} with ${password}`],
    ...(inboxUrl ? [['Inbox', inboxUrl] as [string, string]] : []),
    [
      'Services',
      [
        service(Boolean(settings.autoplay), 'Autoplay'),
        service(Boolean(settings.intercom), 'Intercom'),
        service(Boolean(settings.crisp), 'Crisp'),
        service(Boolean(settings.openai), 'OpenAI'),
      ].join(', '),
    ],
    ...workflows.map(({ name, state, reason }, index): [string, string] => [
      index === 0 ? 'Workflows' : '',
      `${name}: ${state}${reason ? ` (${reason})` : ''}`,
    ]),
    ['Data', settings.folder],
  ];
  const lines = rows.map(([label, text]) => `  ${label.padEnd(11)}${text}`);
  lines.push(...toRegister.flatMap((webhook) => ['', ...registration(webhook, settings)]));
  return ['', ...lines, '', '  Ctrl-C stops everything.', ''].join('\n');
}

/** How a person registers an address. A website's hook in Crisp proves itself by the key in its URL. */
function registration({ chat, node, url }: Webhook, { crisp, publicUrl }: DemoSettings): string[] {
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
  if (chat === 'crisp') lines.push('  The event to choose is message:send.');
  if (!publicUrl) {
    const name = chat === 'crisp' ? 'Crisp' : 'Intercom';
    lines.push(
      `  ${name} cannot reach that address. Make n8n reachable (with a tunnel, for example) and start with WEBHOOK_URL=https://…`,
    );
  }
  return lines;
}
