import type { Outcome } from './arrivals';
import { percentile } from './statistics';
import type { Figure } from '../types';

/** A figure without a target. */
export function reported(name: string, value: number, unit: string): Figure {
  return { name, value, unit };
}

export function atMost(name: string, value: number, unit: string, target: number): Figure {
  return { name, value, unit, target: { is: 'at most', value: target } };
}

export function atLeast(name: string, value: number, unit: string, target: number): Figure {
  return { name, value, unit, target: { is: 'at least', value: target } };
}

/** Actions that were lost, doubled or out of order; the target is 0. */
export function losses(
  load: string,
  { lost, doubled, disordered }: Pick<Outcome, 'lost' | 'doubled' | 'disordered'>,
): Figure[] {
  return [
    atMost(`${load}, events lost`, lost, '', 0),
    atMost(`${load}, events doubled`, doubled, '', 0),
    atMost(`${load}, events out of order`, disordered, '', 0),
  ];
}

/** @throws RangeError when nothing arrived */
export function latency({ latencies }: Outcome, share: number): number {
  return percentile(latencies, share);
}

/** For titles and names: 10,000. */
export function amount(value: number): string {
  return value.toLocaleString('en-US');
}
