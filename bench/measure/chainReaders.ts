import { isDeepStrictEqual } from 'node:util';
import { readChain, type Element } from '../../core/posthog/elements';

// Elements chains by the published way of PostHog, which is regular expressions: one that finds the elements, one that
// parts the head from the attributes, and one that finds these.

const ELEMENT = /(?:"(?:\\"|[^"])*"|[^;"])+/g;
const ATTRIBUTES = /:([\w-]*=.*)$/s;
const PAIR = /(.+?)="((?:\\"|[^"])*)"/gs;

/** What {@link readChain} reads, by regular expressions. */
export function readChainByPatterns(chain: string): Element[] {
  return [...chain.matchAll(ELEMENT)].map(([element]) => {
    const found = ATTRIBUTES.exec(element);
    const [tag = '', ...classes] = element.slice(0, found?.index).split('.');
    const attributes = new Map<string, string>();
    for (const [, key = '', value = ''] of (found?.[1] ?? '').matchAll(PAIR)) {
      attributes.set(key, value.replaceAll('\\"', '"'));
    }
    return { tag, classes: classes.filter((name) => name !== ''), attributes };
  });
}

/** How fast the two are, in megabytes a second of processor time. @throws Error if they read something else */
export function timeChains(
  chains: readonly string[],
  rounds: number,
): { scanner: number; patterns: number } {
  for (const chain of chains) {
    if (isDeepStrictEqual(readChain(chain), readChainByPatterns(chain))) continue;
    throw new Error(`The two read something else: ${chain}`);
  }
  const bytes = chains.reduce((sum, chain) => sum + Buffer.byteLength(chain), 0) * rounds;
  const mbPerSecond = (read: (chain: string) => unknown) => {
    const before = process.threadCpuUsage();
    for (let round = 0; round < rounds; round += 1) for (const chain of chains) read(chain);
    const { user, system } = process.threadCpuUsage(before);
    return bytes / (user + system);
  };
  return { scanner: mbPerSecond(readChain), patterns: mbPerSecond(readChainByPatterns) };
}
