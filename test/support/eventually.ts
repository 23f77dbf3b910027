/**
 * Waits for something that another process brings about; looks often, and gives up after `seconds`. By default those are
 * many: a busy machine is slow, and waiting costs nothing where all is well.
 */
export async function eventually(
  holds: () => boolean | Promise<boolean>,
  seconds = 180,
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
