import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { linesOf } from './conversation';
import { htmlWords } from '../../core/text/html';
import { demo, startSimulators } from '../../simulators';
import {
  startTestN8n,
  type ExecutionSummary,
  type Workflow,
  type WorkflowJson,
} from '../../tools/n8n';

/** What a summary of the shipped workflow waits for. */
export const THRESHOLD = 20;

const shipped = join(__dirname, '../../workflows/intercom.json');

interface Note {
  body: string | null;
  redacted: boolean;
  /** The body as the text that was sent. */
  text: string;
}

/** A visitor of the product, with a session and, once they wrote, a conversation of their own. */
export interface Visitor {
  id: string;
  sessionId: string;
  email: string;
  /** The first conversation they opened; '' before. */
  conversationId: string;
  /** What the connector sends when the visitor does these things in one go. */
  frame(described: Described[]): { [field: string]: unknown };
  act(...described: Described[]): void;
  /** Opens a conversation; the webhook follows. */
  write(text?: string): string;
  /** Every note of the conversation, redacted ones too. */
  notes(conversationId?: string): Note[];
  /** The actions that stand in notes, note by note. */
  told(conversationId?: string): string[][];
  /** Summary notes that stand. */
  summaries(conversationId?: string): string[];
  /** Everything that was ever posted as a note for this visitor, in order, redacted or not. */
  everTold(): string[][];
}

type Described = string | { description: string; [field: string]: unknown };

export interface WorldOptions {
  /** Changes the workflow before it is imported; by default it runs as it is shipped. */
  change?: (workflow: WorkflowJson) => void;
  credentials?: { autoplay?: object; intercom?: object };
}

/**
 * A real n8n with the built package, the shipped workflow published in it, and simulators around
 * it. Every visitor is new, so tests share one world without seeing each other.
 */
export async function createWorld(options: WorldOptions = {}) {
  const simulators = await startSimulators({ lively: false });
  const { connector, intercom, model, urls } = simulators;
  const logs: string[] = [];
  const test = await startTestN8n({ onLog: (line) => void logs.push(line) });
  const { rest } = test;

  const data: Record<string, object> = {
    autoplayConnectorApi: {
      streamUrl: urls.stream,
      token: demo.connectorToken,
      ...options.credentials?.autoplay,
    },
    intercomConversationApi: {
      accessToken: demo.intercomToken,
      region: 'custom',
      baseUrl: urls.intercom,
      clientSecret: demo.intercomClientSecret,
      ...options.credentials?.intercom,
    },
    openAiApi: { apiKey: demo.modelKey, url: urls.model },
  };
  const credentials: Record<string, { id: string; name: string }> = {};
  for (const [type, fields] of Object.entries(data)) {
    credentials[type] = await rest.upsertCredential(type, type, fields as Record<string, unknown>);
  }
  const json = JSON.parse(readFileSync(shipped, 'utf8')) as WorkflowJson;
  options.change?.(json);
  const workflow: Workflow = await rest.importWorkflow(json, { credentials });
  await rest.publish(workflow.id);
  const webhookUrl = await rest.webhookUrl(workflow, 'When a Visitor Writes');
  const subscription = {
    url: webhookUrl,
    topics: ['conversation.user.created' as const, 'conversation.user.replied' as const],
    clientSecret: demo.intercomClientSecret,
  };
  const unsubscribe = intercom.webhooks.subscribe(subscription);

  let visitors = 0;

  /** A visitor with a session of their own. */
  function newVisitor(): Visitor {
    const number = ++visitors;
    const id = `visitor-${number}`;
    const sessionId = `session-${number}`;
    const email = `visitor${number}@example.com`;
    let actions = 0;
    const frame = (
      described: Array<string | { description: string; [field: string]: unknown }>,
    ) => ({
      type: 'actions',
      product_id: demo.productId,
      session_id: sessionId,
      user_id: id,
      email,
      count: described.length,
      forwarded_at: Date.now() / 1_000,
      actions: described.map((one) => ({
        index: actions++,
        type: 'click',
        title: 'Button',
        canonical_url: '/boards/:id',
        timestamp_start: Date.now() / 1_000,
        ...(typeof one === 'string' ? { description: one } : one),
      })),
    });
    const visitor: Visitor = {
      id,
      sessionId,
      email,
      conversationId: '',
      frame,
      act: (...described) => void connector.send(demo.productId, frame(described)),
      write(text = 'How do I get started?') {
        const { id: conversationId } = intercom.visitorStarts({ external_id: id, email, text });
        visitor.conversationId ||= conversationId;
        return conversationId;
      },
      notes: (conversationId = visitor.conversationId) =>
        intercom
          .conversation(conversationId)
          .parts.filter(({ part_type }) => part_type === 'note')
          .map((part) => ({ ...part, text: plainText(part.body ?? '') })),
      told: (conversationId) =>
        visitor
          .notes(conversationId)
          .filter(({ redacted }) => !redacted)
          .map(({ text }) => linesOf(text))
          .filter((lines) => lines.length > 0),
      summaries: (conversationId) =>
        visitor
          .notes(conversationId)
          .filter(({ redacted, text }) => !redacted && linesOf(text).length === 0)
          .map(({ text }) => text.split('\n').slice(3).join('\n')),
      everTold: () =>
        intercom.journal.mutations
          .filter(
            ({ kind, body }) => kind === 'note' && plainText(body).includes(`: ${sessionId}\n`),
          )
          .map(({ body }) => linesOf(plainText(body))),
    };
    return visitor;
  }

  return {
    ...simulators,
    ...test,
    get n8n() {
      return test.n8n;
    },
    stopSimulators: simulators.stop,
    connector,
    intercom,
    model,
    rest,
    workflow,
    credentials,
    webhookUrl,
    subscription,
    unsubscribe,
    logs,
    newVisitor,
    /** A visitor whose conversation is linked and knows of one action, `came`. */
    async linkedVisitor() {
      const visitor = newVisitor();
      // Nobody listening would mean nobody hears of it: there is no replay.
      await eventually(() => connector.stats(demo.productId).subscribers > 0);
      visitor.act('came');
      visitor.write();
      await eventually(() => visitor.told().length === 1);
      return visitor;
    },
    executions: async (status?: ExecutionSummary['status'][]) =>
      await rest.executions({ workflowId: workflow.id, ...(status && { status }) }),
    async stop() {
      await test.stop();
      await simulators.stop();
    },
  };
}

export type World = Awaited<ReturnType<typeof createWorld>>;

/** A note's HTML as the text that was sent: paragraphs and line breaks as lines. */
export function plainText(html: string): string {
  return html
    .replace(/<\/p>\s*<p>/g, '\n\n')
    .replace(/<br>\s*/g, '\n')
    .split('\n')
    .map(htmlWords)
    .join('\n');
}

/** Waits for something that another process brings about; looks often, and gives up after `seconds`. */
export async function eventually(
  holds: () => boolean | Promise<boolean>,
  seconds = 40,
): Promise<void> {
  const deadline = Date.now() + seconds * 1_000;
  while (!(await holds())) {
    if (Date.now() > deadline)
      throw new Error(`Did not come true within ${seconds} s: ${String(holds)}`);
    await pause(20);
  }
}

/** Time for something that must not happen: the only waits in these tests. */
export async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
