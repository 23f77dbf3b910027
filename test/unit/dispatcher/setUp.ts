import { createDispatcher } from '../../../core/dispatcher/dispatcher';
import type { DispatcherOptions } from '../../../core/dispatcher/types';
import { createFakeExecutions } from '../../support/executions';
import { createFakeClock } from '../../support/fakeClock';

/** A dispatcher whose executions run until the test ends them. Their `at` counts from the start, in milliseconds. */
export function setUp(options: Partial<DispatcherOptions> = {}) {
  const clock = createFakeClock();
  const start = clock.now();
  const executions = createFakeExecutions(() => clock.now() - start);
  const { dispatch } = executions;
  const dispatcher = createDispatcher({ productId: 'shop', clock, dispatch, ...options });
  const wakeUps = () => executions.all.filter(({ items }) => items[0]?.type === 'wake_up');
  return { clock, executions, dispatcher, wakeUps };
}
