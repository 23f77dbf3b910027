/**
 * After how many milliseconds each delivery of a webhook begins, by its topic: `[0]` as usual, `[30_000]` late and perhaps
 * behind later ones, `[0, 5_000]` twice, `[]` never.
 */
export type Arrivals = (topic: string) => readonly number[];

export const ON_TIME: Arrivals = () => [0];
