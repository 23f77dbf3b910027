/**
 * Resolves as soon as `condition` holds, looked at whenever the event loop comes round: for what a
 * real socket brings, which no fake clock can hurry. The test's own time limit ends a vain wait.
 */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
