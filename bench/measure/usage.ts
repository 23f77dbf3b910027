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

export function residentMb(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return (Number(kib) * 1_024) / 1e6;
}

const cpuMs = (pid: number): number => ticksMs(`/proc/${pid}/stat`);

const mainThreadMs = (pid: number): number => ticksMs(`/proc/${pid}/task/${pid}/stat`);

/** CPU time, in milliseconds, of a process and its children, also of those that have ended. */
export function familyCpuMs(pid: number): number {
  const running = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  // Of the children that end meanwhile, the parent's own fields tell, which are read last.
  const children = running.flatMap((child) => {
    const fields = statIfThere(child);
    return fields && Number(fields[PARENT]) === pid ? [usedMs(fields)] : [];
  });
  const own = statOf(`/proc/${pid}/stat`);
  const ended = (Number(own[13]) + Number(own[14])) * TICK_MS;
  return children.reduce((sum, ms) => sum + ms, usedMs(own) + ended);
}

export function parentOf(pid: number): number {
  return Number(statOf(`/proc/${pid}/stat`)[PARENT]);
}

function statIfThere(pid: string): string[] | undefined {
  try {
    return statOf(`/proc/${pid}/stat`);
  } catch {
    return undefined;
  }
}

const PARENT = 1;

/** The fields behind the name, which is in parentheses and may contain anything. */
function statOf(file: string): string[] {
  return readFileSync(file, 'utf8').split(') ').at(-1)!.split(' ');
}

const ticksMs = (file: string): number => usedMs(statOf(file));

/** User and system time are 12th and 13th. */
const usedMs = (fields: readonly string[]): number =>
  (Number(fields[11]) + Number(fields[12])) * TICK_MS;

/** How much more memory is used at the end than in the middle, as a ratio: 1 is flat. */
export function growthInSecondHalf(rssMb: readonly number[]): number {
  const half = rssMb.slice(Math.floor(rssMb.length / 2));
  const quarter = Math.max(1, Math.floor(half.length / 4));
  return mean(half.slice(-quarter)) / mean(half.slice(0, quarter));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
