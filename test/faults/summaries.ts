/** A summary that says how many of the session's actions it covers: those of the one before, and the new ones. */
export function summaryOf(prompt: string): string {
  const before = Number(/Covers (\d+)/.exec(prompt)?.[1] ?? 0);
  return `Covers ${before + (prompt.match(/^\d+\. /gm)?.length ?? 0)}`;
}
