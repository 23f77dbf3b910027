/**
 * How long this process's processor works on something synchronous, in milliseconds. On a busy machine the time that passes
 * says little.
 */
export function cpuMsOf(work: () => unknown): number {
  const began = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1_000;
}
