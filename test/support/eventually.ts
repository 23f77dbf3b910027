/**
 * Waits for something that another process brings about; looks often, and gives up after `seconds`. By default those are
 * many: a busy machine is slow, and waiting costs nothing where all is well.
 *
 * @param state what to show where it does not come true
 */
export async function eventually(
  holds: () => boolean | Promise<boolean>,
  seconds = 180,
  state?: () => unknown,
): Promise<void> {
  const deadline = Date.now() + seconds * 1_000;
  while (!(await holds())) {
    if (Date.now() > deadline) {
      const seen = state ? `\n${JSON.stringify(await state(), null, 2)}` : '';
      throw new Error(`Did not come true within ${seconds} s: ${String(holds)}${seen}`);
    }
    await pause(20);
  }
}

/** Time for something that must not happen: the only waits in these tests. */
export async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
