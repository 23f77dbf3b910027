import type { ExecutionResult } from '../../core/dispatcher/types';
import type { SessionItem, TriggerItem } from '../../core/payload/types';
import { settle } from './fakeClock';

/** One execution that a dispatcher started and a test ends. */
export interface FakeExecution {
  items: TriggerItem[];
  /** Session id to the action ids it came with. */
  sessions: Record<string, string[]>;
  at: number;
  end(result?: ExecutionResult | Error): Promise<void>;
}

/** Stands for n8n: records executions, which run until the test ends them. */
export function createFakeExecutions(now: () => number) {
  const all: FakeExecution[] = [];
  const running = new Set<FakeExecution>();
  const dispatch = (items: TriggerItem[]) =>
    new Promise<ExecutionResult>((resolve, reject) => {
      const execution: FakeExecution = {
        items,
        sessions: Object.fromEntries(
          sessionItems(items).map((item) => [
            item.session_id,
            item.actions.map(({ action_id }) => action_id),
          ]),
        ),
        at: now(),
        end: async (result = 'done') => {
          running.delete(execution);
          if (result instanceof Error) reject(result);
          else resolve(result);
          await settle();
        },
      };
      running.add(execution);
      all.push(execution);
    });
  return { all, running, dispatch };
}

export function sessionItems(items: readonly TriggerItem[]): SessionItem[] {
  return items.filter((item): item is SessionItem => item.type === 'actions');
}
