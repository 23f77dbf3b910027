import { demo } from '../../simulators';
import type { Message } from '../../simulators/crisp';
import type { ExecutionSummary } from '../../tools/n8n';
import { eventually } from './eventually';
import { createRemembered } from './remembered';
import { untilIdle } from './started';
import {
  createFrames,
  createStage,
  type Described,
  type Identity,
  type Stage,
  type StageOptions,
} from './stage';

/** A visitor of the product who has the site's chatbox before them. */
export interface ChatVisitor extends Identity {
  conversationId: string;
  act(...described: Described[]): void;
  /** The same, until both workflows have remembered it. */
  acted(...described: Described[]): Promise<void>;
  /** Writes in the chatbox; the hook follows. */
  write(text?: string): Message;
  /** What the visitor was told, in order. */
  replies(): Message[];
  isTyping(): boolean;
}

/** What the site tells Crisp about a visitor; by default what its snippet tells. */
export interface Told {
  email?: string;
  data?: Record<string, string>;
}

/** A request in which the model was asked to answer somebody. */
export interface Question {
  system: string;
  /** The record that the model was given, without its fence. */
  activity: string;
  /** What the visitor wrote, without its fence. */
  message: string;
  body: Record<string, unknown>;
}

/** A stage with both workflows, or one that is given, and Crisp's hook registered. Every visitor is new. */
export async function createCrispWorld(options: StageOptions = {}, given?: Stage) {
  const stage = given ?? (await createStage(['crisp', 'intercom'], options));
  const { connector, crisp, model } = stage;
  const hookUrl = await stage.webhookUrl('crisp');
  const keyedUrl = `${hookUrl}?key=${encodeURIComponent(demo.crispHookKey)}`;
  crisp.hooks.subscribe({
    kind: 'website',
    url: keyedUrl,
    events: ['message:send', 'message:received'],
  });

  let visitors = 0;
  const remembered = createRemembered(stage.userFolder);

  function newVisitor(told?: (visitor: Identity) => Told): ChatVisitor {
    const number = ++visitors;
    const identity = {
      // Others than in the world of Intercom, which may stand on the same stage.
      id: `chatter-${number}`,
      sessionId: `chat-session-${number}`,
      email: `chatter${number}@example.com`,
    };
    const snippet = { posthog_session_id: identity.sessionId, posthog_distinct_id: identity.id };
    const { data = {}, email } = told?.(identity) ?? { data: snippet };
    const { session_id: conversationId } = crisp.visitorOpens({
      nickname: `Visitor ${number}`,
      data,
      ...(email && { email }),
    });
    const frame = createFrames(identity);
    let actions = 0;
    const act = (...described: Described[]) => {
      actions += described.length;
      connector.send(demo.productId, frame(described));
    };
    return {
      ...identity,
      conversationId,
      act,
      async acted(...described) {
        act(...described);
        const all = Object.values(stage.workflows);
        await eventually(() => all.every(({ id }) => remembered.count(id, identity) === actions));
      },
      write: (text = 'How do I get started?') => crisp.visitorWrites(conversationId, text),
      replies: () =>
        crisp
          .conversation(conversationId)
          .messages.filter(({ from, type }) => from === 'operator' && type === 'text'),
      isTyping: () => crisp.conversation(conversationId).compose.operator !== undefined,
    };
  }

  return {
    ...stage,
    get n8n() {
      return stage.n8n;
    },
    hookUrl,
    keyedUrl,
    newVisitor,
    async stop() {
      remembered.close();
      await stage.stop();
    },
    /** What the model was asked on behalf of visitors, oldest first. */
    questions: (): Question[] =>
      model.requests.flatMap(({ body, prompt }) => {
        const user = prompt.messages.findLast(({ role }) => role === 'user')?.text ?? '';
        const system = prompt.messages.find(({ role }) => role === 'system')?.text ?? '';
        const activity = /<activity>\n([\s\S]*)\n<\/activity>/.exec(user)?.[1];
        const message = /<message>\n([\s\S]*)\n<\/message>/.exec(user)?.[1];
        if (activity === undefined || message === undefined) return [];
        return [{ system, activity, message, body }];
      }),
    /** Waits until no execution is under way. */
    idle: async () => await untilIdle(stage.rest, stage.workflows.crisp.id),
    executions: async (status?: ExecutionSummary['status'][]) =>
      await stage.executionsOf('crisp', status),
  };
}

export type CrispWorld = Awaited<ReturnType<typeof createCrispWorld>>;
