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
