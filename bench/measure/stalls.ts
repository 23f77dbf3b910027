export interface Stalls {
  /** The longest time that nothing else had a turn, in milliseconds. */
  longest: number;
  /** How often that was longer than 10 ms. */
  over10: number;
}

/**
 * Watches how long the event loop is held up while `work` runs: a timer that asks for every
 * millisecond notes how late it comes.
 */
export async function stallsDuring<T>(work: () => Promise<T>): Promise<Stalls & { value: T }> {
  const stalls = { longest: 0, over10: 0 };
  let last = performance.now();
  const look = () => {
    const now = performance.now();
    const late = now - last - 1;
    stalls.longest = Math.max(stalls.longest, late);
    if (late > 10) stalls.over10 += 1;
    last = now;
  };
  const timer = setInterval(look, 1);
  try {
    // Otherwise all could be over before the timer has come once.
    await new Promise((resolve) => setTimeout(resolve, 5));
    last = performance.now();
    const value = await work();
    look();
    return { ...stalls, value };
  } finally {
    clearInterval(timer);
  }
}
