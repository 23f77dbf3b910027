import { LATEST_ACTIONS } from '../../core/delivery/claim';
import { INTERCOM_TOPICS } from '../../core/intercom/webhook';
import { htmlWords } from '../../core/text/html';
import { demo } from '../../simulators';
import type { ExecutionSummary } from '../../tools/n8n';
import { linesOf } from './conversation';
import { eventually } from './eventually';
import { createRemembered } from './remembered';
import { createFrames, createStage, type Described, type Stage, type StageOptions } from './stage';
import { startedFromNow, untilIdle } from './started';

/** What a summary of the shipped workflow waits for. */
export const THRESHOLD = 20;

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
  frame(described: readonly Described[]): { [field: string]: unknown };
  act(...described: Described[]): void;
  /** The same, until everything they did is remembered. */
  acted(...described: Described[]): Promise<void>;
  /** Opens a conversation; the webhook follows. */
  write(text?: string): string;
  /** Every note of the conversation, redacted ones too. */
  notes(conversationId?: string): Note[];
  /** The actions that stand in notes, note by note. */
  told(conversationId?: string): string[][];
  /** Summary notes that stand. */
  summaries(conversationId?: string): string[];
  /** Waits until one summary has taken the place of all notes but those with the latest actions. */
  summedUp(): Promise<void>;
  /** Everything that was ever posted as a note for this visitor, in order, redacted or not. */
  everTold(): string[][];
}

/**
 * A stage with the Intercom workflow, or one that is given. Every visitor is new, so tests share one world without seeing
 * each other.
 */
export async function createWorld(options: StageOptions = {}, given?: Stage) {
  const stage = given ?? (await createStage(['intercom'], options));
  const { connector, intercom } = stage;
  const webhookUrl = await stage.webhookUrl('intercom');
  const subscription = {
    url: webhookUrl,
    topics: Object.values(INTERCOM_TOPICS),
    clientSecret: demo.intercomClientSecret,
  };
  const unsubscribe = intercom.webhooks.subscribe(subscription);

  let visitors = 0;
  const remembered = createRemembered(stage.userFolder);

  /** A visitor with a session of their own. */
  function newVisitor(): Visitor {
    const number = ++visitors;
    const id = `visitor-${number}`;
    const sessionId = `session-${number}`;
    const email = `visitor${number}@example.com`;
    const frame = createFrames({ sessionId, id, email });
    let actions = 0;
    const act = (...described: Described[]) => {
      actions += described.length;
      connector.send(demo.productId, frame(described));
    };
    const visitor: Visitor = {
      id,
      sessionId,
      email,
      conversationId: '',
      frame,
      act,
      async acted(...described) {
        act(...described);
        const { id: workflowId } = stage.workflows.intercom;
        await eventually(() => remembered.count(workflowId, visitor) === actions);
      },
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
      summedUp: async () =>
        await eventually(
          () =>
            visitor.summaries().length === 1 &&
            visitor.told().slice(1).flat().length < LATEST_ACTIONS,
          undefined,
          async () => ({
            asked: stage.model.requests.length,
            notes: visitor.notes().map(({ text, redacted }) => [redacted, text.slice(0, 200)]),
            remembered: remembered.count(stage.workflows.intercom.id, visitor),
            executions: (await stage.executionsOf('intercom')).map(
              ({ id, mode, status, startedAt, stoppedAt }) =>
                [id, mode, status, startedAt, stoppedAt].join(' '),
            ),
            logs: stage.logs.slice(-20),
          }),
        ),
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
    ...stage,
    get n8n() {
      return stage.n8n;
    },
    workflow: stage.workflows.intercom,
    webhookUrl,
    subscription,
    unsubscribe,
    newVisitor,
    /** Watches what one of the workflow's triggers starts, see {@link startedFromNow}. */
    started: async (trigger: 'Autoplay Stream' | 'When a Visitor Writes') =>
      await startedFromNow(stage.rest, stage.workflows.intercom.id, trigger),
    /** Waits until no execution is under way. */
    idle: async () => await untilIdle(stage.rest, stage.workflows.intercom.id),
    async stop() {
      remembered.close();
      await stage.stop();
    },
    /**
     * A visitor whose conversation is linked and knows of one action, `came`.
     */
    async linkedVisitor() {
      const visitor = newVisitor();
      await eventually(stage.someoneListens);
      visitor.act('came');
      visitor.write();
      await eventually(() => visitor.told().length === 1);
      return visitor;
    },
    executions: async (status?: ExecutionSummary['status'][]) =>
      await stage.executionsOf('intercom', status),
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
