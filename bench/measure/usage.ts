import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a process used while it was watched. */
export interface Usage {
  /** Resident memory, in MB (10^6 bytes), sampled once a second. */
  rssMb: number[];
  /** CPU time, in milliseconds, of all its threads. */
  cpuMs: number;
  /** Of that, its first thread's: that of the event loop. */
  mainThreadMs: number;
  /** How long it was watched, in milliseconds. */
  wallMs: number;
}

/** The kernel counts in ticks of this length. */
const TICK_MS = 10;

/**
 * Watches a process (Linux: by its files in /proc).
 * @returns a function that ends the measurement and returns its result
 */
export function watchUsage(pid: number): () => Usage {
  const rssMb: number[] = [];
  const [cpuBefore, mainBefore] = [cpuMs(pid), mainThreadMs(pid)];
  const started = performance.now();
  const sample = () => void rssMb.push(residentMb(pid));
  sample();
  const timer = setInterval(sample, 1_000);
  return () => {
    clearInterval(timer);
    sample();
    return {
      rssMb,
      cpuMs: cpuMs(pid) - cpuBefore,
      mainThreadMs: mainThreadMs(pid) - mainBefore,
      wallMs: performance.now() - started,
    };
  };
}

/** The root processes of each part of a system, by the part's name. */
export type Parts = Readonly<Record<string, readonly number[]>>;

/** What a part of a system used. */
export interface PartUsage {
  name: string;
  /** CPU time of its root processes and of all their descendants, in milliseconds. */
  cpuMs: number;
  /** The first thread's CPU time of each root process, in milliseconds: of Node, that of the event loop. */
  mainThreadsMs: number[];
}

/**
 * Watches the processes of each part (Linux: by their files in /proc). Descendants that begin or end meanwhile count.
 *
 * @returns a function that returns what each part has used since
 */
export function watchParts(parts: Parts): () => PartUsage[] {
  const read = () => {
    const children = childrenByParent();
    return Object.entries(parts).map(([name, pids]) => ({
      name,
      cpuMs: sum(pids.map((pid) => treeMs(pid, children))),
      mainThreadsMs: pids.map(mainThreadMs),
    }));
  };
  const before = read();
  return () =>
    read().map(({ name, cpuMs: cpu, mainThreadsMs }, part) => ({
      name,
      cpuMs: cpu - before[part]!.cpuMs,
      mainThreadsMs: mainThreadsMs.map((ms, i) => ms - before[part]!.mainThreadsMs[i]!),
    }));
}

/** CPU time of a process and its descendants; a process that has ended counts with its parent, which waited for it. */
function treeMs(pid: number, children: ReadonlyMap<number, readonly number[]>): number {
  const own = statOf(`/proc/${pid}/stat`);
  if (!own) return 0;
  const below = (children.get(pid) ?? []).map((child) => treeMs(child, children));
  return sum(own.slice(USER_TIME, USER_TIME + 4).map(Number)) * TICK_MS + sum(below);
}

function childrenByParent(): Map<number, number[]> {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    const parent = pid > 0 && Number(statOf(`/proc/${pid}/stat`)?.[PARENT]);
    if (parent) children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  return children;
}

/** A process that takes less than this share of a core has nothing to do. */
const CALM = 0.1;

/** Resolves once the process has had nothing to do for a second, or after `mostMs`. */
export async function calmedDown(pid: number, mostMs: number, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + mostMs;
  let calmLooks = 0;
  while (calmLooks < 2 && performance.now() < deadline) {
    const before = cpuMs(pid);
    await sleep(500, null, { signal });
    calmLooks = cpuMs(pid) - before < 500 * CALM ? calmLooks + 1 : 0;
  }
}

/** Resolves once no work is left and the processes have nothing to do, or after `mostMs`. */
export async function finished(
  unfinished: () => number | Promise<number>,
  pids: readonly number[],
  mostMs: number,
  signal: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + mostMs;
  while ((await unfinished()) > 0 && performance.now() < deadline) {
    await sleep(500, null, { signal });
  }
  const left = deadline - performance.now();
  await Promise.all(pids.map((pid) => calmedDown(pid, left, signal)));
}

export function residentMb(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return (Number(kib) * 1_024) / 1e6;
}

const cpuMs = (pid: number): number => ticksMs(`/proc/${pid}/stat`);

const mainThreadMs = (pid: number): number => ticksMs(`/proc/${pid}/task/${pid}/stat`);

/** CPU time of a process and its descendants, in milliseconds; also of those that have ended. */
export function familyCpuMs(pid: number): number {
  return treeMs(pid, childrenByParent());
}

/** The process that started another. */
export function parentOf(pid: number): number {
  return Number(fieldsOf(readFileSync(`/proc/${pid}/stat`, 'utf8'))[PARENT]);
}

function ticksMs(file: string): number {
  const fields = fieldsOf(readFileSync(file, 'utf8'));
  return (Number(fields[USER_TIME]) + Number(fields[USER_TIME + 1])) * TICK_MS;
}

/** Places of fields behind the name: system time follows user time, and then both of the children that have ended. */
const PARENT = 1;
const USER_TIME = 11;

/** The fields behind the name, which is in parentheses and may hold anything. */
const fieldsOf = (stat: string): string[] => stat.split(') ').at(-1)!.split(' ');

/** Undefined for a process that has ended. */
function statOf(file: string): string[] | undefined {
  try {
    return fieldsOf(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** How much more memory is used at the end than in the middle, as a ratio: 1 is flat. */
export function growthInSecondHalf(rssMb: readonly number[]): number {
  const half = rssMb.slice(Math.floor(rssMb.length / 2));
  const quarter = Math.max(1, Math.floor(half.length / 4));
  return mean(half.slice(-quarter)) / mean(half.slice(0, quarter));
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
