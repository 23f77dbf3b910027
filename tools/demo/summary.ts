import type { DemoSettings } from './settings';
import type { WorkflowOutcome } from './workflows';

/** What the summary tells. */
export interface SummaryFacts {
  settings: DemoSettings;
  n8nUrl: string;
  email: string;
  password: string;
  /** Undefined when there is nothing simulated to look at. */
  inboxUrl?: string;
  workflows: WorkflowOutcome[];
  /** Webhook addresses that a person has to register with a real chat product. */
  toRegister: Array<{ workflow: string; node: string; url: string }>;
}

/** The text that ends the start: where to look, what runs, and what is left to do. */
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
  for (const { node, url } of toRegister) {
    lines.push(
      '',
      `  Register this URL for "${node}" in Intercom's Developer Hub → Webhooks:`,
      `    ${url}`,
    );
    if (!settings.publicUrl) {
      lines.push(
        '  Intercom cannot reach that address. Make n8n reachable (with a tunnel, for example) and start with WEBHOOK_URL=https://…',
      );
    }
  }
  return ['', ...lines, '', '  Ctrl-C stops everything.', ''].join('\n');
}
