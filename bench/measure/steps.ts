interface StepSearch {
  /** What is tried one after the other, ascending, until one does not hold. */
  steps: readonly number[];
  /** How often the distance between what held and what did not is then halved, at most. */
  narrowings: number;
  holds(rate: number): Promise<boolean>;
}

export interface StepsFound {
  /** The highest that held; 0 when none did. */
  highest: number;
  tried: Array<{ rate: number; held: boolean }>;
}

/** Finds how far up something holds. What is above a rate that does not hold is not tried. */
export async function findHighest({ steps, narrowings, holds }: StepSearch): Promise<StepsFound> {
  const tried: StepsFound['tried'] = [];
  const attempt = async (rate: number): Promise<boolean> => {
    const held = await holds(rate);
    tried.push({ rate, held });
    return held;
  };
  let highest = 0;
  let lowestFailed: number | undefined;
  for (const rate of steps) {
    if (!(await attempt(rate))) {
      lowestFailed = rate;
      break;
    }
    highest = rate;
  }
  for (let i = 0; i < narrowings && lowestFailed !== undefined; i += 1) {
    const rate = between(highest, lowestFailed);
    if (rate <= highest || rate >= lowestFailed) break;
    if (await attempt(rate)) highest = rate;
    else lowestFailed = rate;
  }
  return { highest, tried };
}

/** In the middle, as a round number. */
function between(low: number, high: number): number {
  return Number(((low + high) / 2).toPrecision(2));
}
