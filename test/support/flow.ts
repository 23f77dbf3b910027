import type { Clock } from '../../core/clock';
import { LINK_WINDOW_MS } from '../../core/delivery/claim';
import { deliverActivity } from '../../core/delivery/deliver';
import type { Destination } from '../../core/delivery/destination';
import { createGate } from '../../core/delivery/gate';
import { replaceWithSummary } from '../../core/delivery/replace';
import { createHealth } from '../../core/http/health';
import { DEFAULT_SUMMARY_PROMPT } from '../../core/summary/prompt';
import { summarizeSession, type Model } from '../../core/summary/summarize';
import type { Pace } from '../../core/memory/pace';
import type { LinkRequest, SessionMemory } from '../../core/memory/types';
import type { Action, SessionBatch } from '../../core/payload/types';
import type { NoteFormat } from '../../core/text/noteFormat';
import { createChat } from './conversation';
import { createFakeClock } from './fakeClock';
import { batch, DAY_MS, ref, testMemory } from './memory';

/** The Intercom flow without n8n: the same calls in the same order, with a real memory and a fake clock. */
export async function createFlow({
  file,
  linkWindowMs = LINK_WINDOW_MS,
  pace,
  keepLatest,
  processes = 'one',
  destinationOf,
}: {
  file?: string;
  linkWindowMs?: number;
  /** At which notes follow the conversation; as it happens without it. */
  pace?: Pace;
  /** See `replaceWithSummary`. */
  keepLatest?: number;
  /** Whether all steps share a process, or each has its own, as on several machines. */
  processes?: 'one' | 'many';
  /** Another chat product than {@link createChat}'s. */
  destinationOf?: (clock: Clock) => Destination;
} = {}) {
  const clock = createFakeClock();
  const kept = keepLatest !== undefined && { keepLatest };
  // Timers of a process that crashed never fire.
  let process = 0;
  const processClock = (mine = process): Clock => ({
    now: clock.now,
    after: (ms, callback) => clock.after(ms, () => (mine === process ? callback() : undefined)),
  });
  const chat = createChat(clock);
  const destination = destinationOf?.(clock) ?? chat.destination;
  let memory: SessionMemory = await testMemory(clock, file);
  const health = createHealth(clock);
  const newGate = () => createGate({ clock: processClock(), places: 25, health });
  let gate = newGate();
  const parts = () => ({
    memory,
    destination,
    gate: processes === 'one' ? gate : newGate(),
    clock: processClock(),
    random: () => 0.5,
  });
  const prompts: string[] = [];
  let format: NoteFormat | undefined;
  let model: Model = async () => `Summary ${prompts.length}.`;

  /** Lets waits inside `work` pass as they are reached. */
  async function run<T>(work: Promise<T>): Promise<T> {
    let done = false;
    const finished = work.finally(() => (done = true));
    finished.catch(() => {});
    while (!done) await clock.advance(clock.timers() > 0 ? 1_000 : 0);
    return await finished;
  }

  return {
    clock,
    chat,
    health,
    prompts,
    memory: () => memory,
    useModel: (answer: Model) => void (model = answer),
    /** How the notes that are composed from now on are written. */
    useFormat: (next: NoteFormat | undefined) => void (format = next),
    ref,
    remember: async (session: string, actions: Action[], fields: Partial<SessionBatch> = {}) =>
      await memory.remember('m', [batch(session, actions, fields)], DAY_MS),
    link: async (request: Partial<LinkRequest>) =>
      await memory.link('m', { chat: 'intercom', conversation_id: 'c1', ...request }, DAY_MS),
    /** Reports that the conversation was closed. */
    closeConversation: async () =>
      await memory.closeConversation('m', { chat: 'intercom', conversation_id: 'c1' }),
    deliver: async (session: string) =>
      await run(deliverActivity(parts(), ref(session), { linkWindowMs, pace, format })),
    summarize: async (session: string, threshold = 20, includePaused = false) =>
      await run(
        summarizeSession(
          {
            ...parts(),
            model: async (prompt, signal) => {
              prompts.push(prompt);
              return await model(prompt, signal);
            },
          },
          ref(session),
          {
            threshold,
            linkedOnly: true,
            template: DEFAULT_SUMMARY_PROMPT,
            timeoutMs: 60_000,
            includePaused,
          },
        ),
      ),
    replace: async (session: string, includePaused = false) =>
      await run(replaceWithSummary(parts(), ref(session), { includePaused, format, ...kept })),
    /** Begins without advancing the clock, for work that must not end. */
    start: async (what: 'deliver' | 'replace', session: string, gate = parts().gate) =>
      what === 'deliver'
        ? await deliverActivity({ ...parts(), gate }, ref(session), { linkWindowMs, pace, format })
        : await replaceWithSummary({ ...parts(), gate }, ref(session), {
            ...{ includePaused: false, format },
            ...kept,
          }),
    /** As after a crash: all state of the process is lost. */
    restart: async () => {
      process += 1;
      gate = newGate();
      await memory.close();
      memory = await testMemory(clock, file);
    },
    run,
    close: async () => await memory.close(),
    [Symbol.asyncDispose]: async () => await memory.close(),
  };
}

export type Flow = Awaited<ReturnType<typeof createFlow>>;
