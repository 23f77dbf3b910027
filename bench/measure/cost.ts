import { reported } from './figures';
import type { Figure } from '../types';
import type { FlowRun } from './flow';
import { IDLE, sharesOf } from './profile';
import type { Stage } from './stage';

/** A load with its cost by part of the program. */
export interface Profiled {
  run: FlowRun;
  figures: Figure[];
  remarks: string[];
}

/** Parts below this share are added up into one. */
const SMALL = 0.02;

/**
 * Measures a load with a profile of an event loop running beside it: that of the process whose usage the load watches.
 *
 * @param name of the comparison of the parts
 */
export async function profiled(
  stage: Pick<Stage, 'inspect'>,
  name: string,
  work: () => Promise<FlowRun>,
): Promise<Profiled> {
  const inspector = await stage.inspect();
  try {
    const end = await inspector.profile();
    const run = await work();
    const shares = sharesOf(await end());
    const busy = shares.filter(([category]) => category !== IDLE);
    const all = sum(busy);
    const isLarge = ([, us]: readonly [string, number]) => us >= all * SMALL;
    const cpuMs = (of: 'cpuMs' | 'mainThreadMs') => run.usage[of] + run.settling[of];
    const usPerEvent = (ms: number) => (ms * 1_000) / run.outcome.sent;
    // The profile counts time, also while other processes had the core, so only its shares are used.
    const cost = (us: number) => usPerEvent((us / all) * cpuMs('mainThreadMs'));
    const rows: Array<readonly [category: string, us: number]> = [
      ...busy.filter(isLarge).map(([category, us]) => [category, cost(us)] as const),
      ['everything smaller', cost(sum(busy.filter((share) => !isLarge(share))))],
      ['other threads', usPerEvent(cpuMs('cpuMs') - cpuMs('mainThreadMs'))],
    ];
    return {
      run,
      figures: rows.map(([category, us]) => reported(`${name}: ${category}`, us, 'µs')),
      remarks: [
        `n8n's event loop was busy for ${Math.round((all / sum(shares)) * 100)} % of the profile, which takes in the time until the last note. Other threads are that of the session memory, and those that collect garbage, compile, and read and write files.`,
      ],
    };
  } finally {
    await inspector.close();
  }
}

function sum(shares: ReadonlyArray<readonly [string, number]>): number {
  return shares.reduce((total, [, us]) => total + us, 0);
}
