import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pick, type Random } from '../../simulators/random';
import { createFakeClock } from '../support/fakeClock';
import { testMemory } from '../support/memory';
import { giveBack, serverAddress, usesPostgres, type Way } from '../support/postgres';
import { startTcpProxy, type ProxyFault } from '../support/tcpProxy';

/** Databases for the runs, each empty in the beginning; in SQLite or PostgreSQL, as the process is set up for. */
export interface Storage {
  /** Makes one, which `testMemory` opens by the file that is returned. */
  make(): Promise<Database>;
  close(): Promise<void>;
}

export interface Database {
  file: string;
  /** The way to a server, on which things go wrong; undefined for a database that is in the process. */
  way?: FaultyWay;
  remove(): Promise<void>;
}

export interface FaultyWay extends Way {
  /** One packet in so many meets a fault from now on. */
  setRate(rate: number, random: Random): void;
  /** Each packet takes so long from now on, in real milliseconds. */
  setDelay(ms: number): void;
  /** Another server takes over: what was connected stays so, and is never answered. */
  failOver(): void;
}

export async function createStorage(): Promise<Storage> {
  return usesPostgres ? servers() : await files();
}

async function files(): Promise<Storage> {
  const folder = mkdtempSync(join(tmpdir(), 'autoplay-faults-'));
  const fresh = join(folder, 'fresh.sqlite');
  // Migrated once: that would be most of the work.
  await (await testMemory(createFakeClock(), fresh)).close();
  let count = 0;
  return {
    async make() {
      const file = join(folder, `${++count}.sqlite`);
      copyFileSync(fresh, file);
      const remove = async () => {
        for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true });
      };
      return { file, remove };
    },
    close: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

const FAULTS: readonly ProxyFault[] = ['cut', 'cut-after', 'cut', 'cut-after', 'stall'];
/** In real time, for that is what a server's answer takes. */
const TIMEOUTS = { connectMs: 2_000, answerMs: 400 };

function servers(): Storage {
  let count = 0;
  return {
    async make() {
      const file = `faults ${++count}`;
      const proxy = await startTcpProxy(serverAddress().port);
      return {
        file,
        way: {
          port: proxy.port,
          timeouts: TIMEOUTS,
          setRate(rate, random) {
            proxy.each(
              rate > 0 ? () => (random() < rate ? pick(random, FAULTS) : undefined) : undefined,
            );
          },
          setDelay: (ms) => proxy.delay(ms),
          failOver: () => proxy.stallAll(),
        },
        async remove() {
          await proxy.close();
          giveBack(file);
        },
      };
    },
    close: async () => {},
  };
}
