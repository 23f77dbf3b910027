import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, type Clock } from '../../core/clock';
import { pick, type Random } from '../../simulators/random';
import { createFakeClock } from '../support/fakeClock';
import { testMemory } from '../support/memory';
import { giveBack, serverAddress, usesPostgres, type Way } from '../support/postgres';
import { startTcpProxy, type ProxyFault } from '../support/tcpProxy';

/** Makes an empty database for each run, in SQLite or PostgreSQL as the process is set up. */
export interface Storage {
  /** Makes one, which `testMemory` opens by the file that is returned. */
  make(): Promise<Database>;
  close(): Promise<void>;
}

export interface Database {
  file: string;
  /** The network to the database's server, which can fail; undefined for SQLite. */
  way?: FaultyWay;
  remove(): Promise<void>;
}

export interface FaultyWay extends Way {
  /** Sets the share of packets that meet a fault, 0 to 1. */
  setRate(rate: number, random: Random): void;
  /** Sets what each packet takes in each direction, in real milliseconds. */
  setDelay(ms: number): void;
  /** Another server takes over: idle connections stay open and are never answered again; the others are reset. */
  failOver(): void;
}

export async function createStorage(): Promise<Storage> {
  return usesPostgres ? servers() : await files();
}

async function files(): Promise<Storage> {
  const folder = mkdtempSync(join(tmpdir(), 'autoplay-faults-'));
  const fresh = join(folder, 'fresh.sqlite');
  // Migrated once and then copied, because migrations take longer than a run.
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

/** A stall is one in nine, because each takes a real wait. */
const FAULTS: readonly ProxyFault[] = [
  ...Array<ProxyFault>(4).fill('cut'),
  ...Array<ProxyFault>(4).fill('cut-after'),
  'stall',
];
/**
 * How long the server is waited for: in real time, for that is what its answers take, and so most of what a run takes.
 * Where answers may fail to come, the wait is short. Where every answer comes, it is long enough for a busy machine.
 */
const CONNECT_MS = 10_000;
const ANSWER_MS = { inTrouble: 100, atRest: 5_000 };
/** The packets that open a connection never stall, because the wait for a connection is long. */
const isOpening = (packet: string) => /^[\0p]/.test(packet);
/** A pause before another try is so many times shorter than in n8n. */
const HASTE = 20;

const hastyClock: Clock = {
  now: () => systemClock.now(),
  after: (ms, callback) => systemClock.after(ms / HASTE, callback),
};

function servers(): Storage {
  let count = 0;
  return {
    async make() {
      const file = `faults ${++count}`;
      const proxy = await startTcpProxy(serverAddress().port);
      let isInTrouble = false;
      return {
        file,
        way: {
          port: proxy.port,
          timeouts: {
            connectMs: CONNECT_MS,
            get answerMs() {
              return isInTrouble || proxy.isStalled() ? ANSWER_MS.inTrouble : ANSWER_MS.atRest;
            },
          },
          retries: { clock: hastyClock, random: Math.random },
          setRate(rate, random) {
            isInTrouble = rate > 0;
            proxy.each(
              rate > 0
                ? (packet) => {
                    if (random() >= rate) return undefined;
                    const fault = pick(random, FAULTS);
                    return fault === 'stall' && isOpening(packet) ? 'cut' : fault;
                  }
                : undefined,
            );
          },
          setDelay: (ms) => proxy.delay(ms),
          failOver: () => proxy.failOver(isOpening),
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
