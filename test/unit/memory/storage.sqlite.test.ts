import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createSqliteMemory } from '../../../core/memory/sql/sqliteMemory';
import { StorageError } from '../../../core/memory/errors';
import type { SessionMemory } from '../../../core/memory/types';
import { createFakeClock, settle, type FakeClock } from '../../support/fakeClock';
import { action, batch, DAY_MS, granted } from '../../support/memory';
import { testRules } from '../../support/noteRules';

// The memory's file, with what happens to files.

let folder: string;
let file: string;
let clock: FakeClock;
let replaced: string[];
let memory: SessionMemory;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'autoplay-storage-'));
  begin(join(folder, 'autoplay', 'memory.sqlite'));
});
afterEach(async () => {
  await memory.close();
  rmSync(folder, { recursive: true, force: true });
});

function begin(at: string): void {
  file = at;
  clock = createFakeClock(Date.now());
  replaced = [];
  let ids = 0;
  const onReplaced = (movedTo: string) => void replaced.push(movedTo);
  const newId = () => `lease ${++ids}`;
  memory = createSqliteMemory(file, { clock, newId, rules: testRules, onReplaced });
}

const remember = async (session: string, ...said: string[]) =>
  await memory.remember(
    'm',
    [
      batch(
        session,
        said.map((one) => action(one)),
      ),
    ],
    DAY_MS,
  );
const recalled = async (session: string) => {
  const query = { session_id: session, windowMs: DAY_MS, maxActions: 10_000 };
  return (await memory.recall('m', query))?.actions.map(({ description }) => description);
};
const failure = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(StorageError);
  return error as StorageError;
};
/** Lets waits inside `work` pass. */
async function passing<T>(work: Promise<T>): Promise<T> {
  let done = false;
  const finished = work.finally(() => (done = true));
  finished.catch(() => {});
  while (!done) await clock.advance(clock.timers() > 0 ? 100 : 0);
  return await finished;
}

describe('a damaged file', () => {
  it.each([
    ['garbage', async () => writeFileSync(file, 'This is no database.\n'.repeat(500))],
    [
      'cut short',
      async () => {
        await remember('s', ...Array.from({ length: 2_000 }, (_, i) => `action ${i}`));
        await memory.close();
        truncateSync(file, 20_480);
      },
    ],
    [
      'overwritten in the middle',
      async () => {
        await remember('s', ...Array.from({ length: 2_000 }, (_, i) => `action ${i}`));
        await memory.expire();
        await memory.close();
        const bytes = readFileSync(file);
        bytes.fill(0xab, 4_096, bytes.length - 4_096);
        writeFileSync(file, bytes);
      },
    ],
  ])('that is %s gives way to a new one, is kept, and that is told', async (_, damage) => {
    mkdirSync(join(folder, 'autoplay'), { recursive: true });
    await damage();
    await remember('new', 'one');
    expect(await recalled('new')).toEqual(['one']);
    expect(replaced).toHaveLength(1);
    expect(existsSync(replaced[0]!)).toBe(true);
    expect(replaced[0]).toMatch(/memory\.sqlite\.corrupt-/);
  });

  it('is set aside once, even if several calls find the damage', async () => {
    mkdirSync(join(folder, 'autoplay'));
    writeFileSync(file, 'This is no database.\n'.repeat(500));
    const sessions = Array.from({ length: 20 }, (_, i) => `s${i}`);
    await Promise.all(sessions.map((session) => remember(session, 'one')));
    expect(await Promise.all(sessions.map(recalled))).toEqual(sessions.map(() => ['one']));
    expect(replaced).toHaveLength(1);
  });

  it('is erased in the end, and at once by Forget', async () => {
    const damage = async () => {
      await memory.close();
      writeFileSync(file, 'This is no database.\n'.repeat(500));
      await remember('s', 'one');
    };
    mkdirSync(join(folder, 'autoplay'));
    await damage();
    await memory.expire();
    const kept = () => readdirSync(join(folder, 'autoplay')).filter((name) => /corrupt/.test(name));
    expect(kept()).toHaveLength(1);
    clock.jump(7 * DAY_MS + 60_000);
    await memory.expire();
    expect(kept()).toEqual([]);
    clock.jump(1);
    await damage();
    expect(kept()).toHaveLength(1);
    await memory.forget({ email: 'ada@example.com' });
    expect(kept()).toEqual([]);
  });

  it('fails Forget before anything is erased, if it cannot be erased itself', async () => {
    await remember('s', 'one');
    // A folder in the place of the file: not even root removes that as a file.
    mkdirSync(`${file}.corrupt-2020`);
    writeFileSync(join(`${file}.corrupt-2020`, 'x'), '');
    await expect(memory.forget({ session_id: 's' })).rejects.toThrow();
    expect(await recalled('s')).toEqual(['one']);
    rmSync(`${file}.corrupt-2020`, { recursive: true });
    expect(await memory.forget({ session_id: 's' })).toMatchObject({ sessions: 1 });
  });

  it('leaves no claim or note row that the new file could give out again', async () => {
    const claim = async (session: string) => {
      await memory.link('m', { chat: 'c', conversation_id: session, session_id: session }, DAY_MS);
      const condition = { windowMs: DAY_MS, maxActions: 9 };
      const ref = { memory: 'm', product_id: 'shop', session_id: session };
      const claimed = granted(await memory.claimNote(ref, 'c', { ...condition, leaseMs: 1_000 }));
      return claimed;
    };
    await remember('old', 'one');
    const before = await claim('old');
    await memory.close();
    writeFileSync(file, 'This is no database.\n'.repeat(500));
    await remember('new', 'one');
    const after = await claim('new');
    await memory.commitNote(before.claim, before.note, 'of old');
    await memory.commitNote(after.claim, after.note, 'of new');
    const { notes } = await memory.forget({ session_id: 'new' });
    expect(notes.map(({ note_id }) => note_id)).toEqual(['of new']);
  });
});

it('the memory continues in a new file when the old one is taken away', async () => {
  await remember('s', 'one');
  renameSync(file, `${file}.taken`);
  await remember('s', 'two');
  expect(await recalled('s')).toEqual(['two']);
  expect(replaced).toEqual([]);
  await memory.close();
  expect(existsSync(file)).toBe(true);
});

it('the memory refuses the file of a newer version, says what to do, and leaves it alone', async () => {
  await remember('s', 'one');
  await memory.close();
  const later = new DatabaseSync(file);
  later.exec("insert into autoplay_migration values ('999_later', '2030-01-01')");
  later.close();
  const { message, advice } = await failure(remember('s', 'two'));
  expect(message).toBe('The session memory was written by a newer version of this package');
  expect(advice).toContain('Install that version again');
  expect(replaced).toEqual([]);
});

describe('a file that another process has locked', () => {
  let other: DatabaseSync;
  beforeEach(async () => {
    await remember('s', 'one');
    other = new DatabaseSync(file);
    other.exec('begin immediate');
  });
  afterEach(() => other.close());

  it('is waited for without blocking the event loop', async () => {
    let done = false;
    const remembering = remember('s', 'two').finally(() => (done = true));
    let turns = 0;
    for (; turns < 20; turns++) await settle();
    await clock.advance(3_000);
    expect(done).toBe(false);
    other.exec('commit');
    await passing(remembering);
    expect(await recalled('s')).toEqual(['one', 'two']);
  });

  it('fails all waiting calls after a while, and is used again by itself', async () => {
    const started = clock.now();
    const waiting = ['a', 'b', 'c'].map((session) => failure(remember(session, 'x')));
    const errors = await passing(Promise.all(waiting));
    expect(errors.map(({ message }) => message)).toEqual(
      errors.map(() => 'The session memory is locked by another process'),
    );
    expect(errors[0]!.advice).toContain(file);
    // Together, not one after the other.
    expect(clock.now() - started).toBeLessThan(15_000);
    other.exec('commit');
    await passing(remember('s', 'two'));
    expect(await recalled('s')).toEqual(['one', 'two']);
  });
});

it('the memory says that its path cannot be used, and works once that is mended', async () => {
  // Whoever tests as root may write everywhere, but not into what is no folder.
  writeFileSync(join(folder, 'autoplay'), '');
  const { message, advice } = await failure(remember('s', 'one'));
  expect(message).toBe('The session memory may not be read or written');
  expect(advice).toContain(file);
  rmSync(join(folder, 'autoplay'));
  await remember('s', 'one');
  expect(await recalled('s')).toEqual(['one']);
});

const canMount = mayMount();
(canMount ? describe : describe.skip)('a small disk', () => {
  let disk: string;
  beforeEach(async () => {
    await memory.close();
    disk = join(folder, 'disk');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', disk]);
    begin(join(disk, 'autoplay', 'memory.sqlite'));
  });
  afterEach(async () => {
    await memory.close();
    execFileSync('umount', [disk]);
  });

  it('that is full is reported; nothing that was remembered is lost, and the memory works again with room', async () => {
    await remember('s', 'one');
    writeFileSync(join(disk, 'logs'), Buffer.alloc(1_500_000));
    const some = () => Array.from({ length: 500 }, (_, i) => `action ${i} ${'x'.repeat(500)}`);
    let told = 1;
    let error: StorageError | undefined;
    while (!error) {
      await remember('s', ...some()).then(
        () => (told += 500),
        (thrown: StorageError) => (error = thrown),
      );
    }
    expect(error).toBeInstanceOf(StorageError);
    expect(error.message).toBe('The session memory has no room: the disk is full');
    expect(await recalled('s')).toHaveLength(told);
    rmSync(join(disk, 'logs'));
    await remember('s', ...some());
    expect(await recalled('s')).toHaveLength(told + 500);
    expect(replaced).toEqual([]);
  });

  it('that cannot be written is reported, and the memory works again once it can', async () => {
    await remember('s', 'one');
    await memory.close();
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    const { message } = await failure(remember('s', 'two'));
    expect(message).toBe('The session memory may not be read or written');
    execFileSync('mount', ['-o', 'remount,rw', disk]);
    await remember('s', 'two');
    expect(await recalled('s')).toEqual(['one', 'two']);
  });
});

function mayMount(): boolean {
  const place = mkdtempSync(join(tmpdir(), 'autoplay-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', place], { stdio: 'ignore' });
    execFileSync('umount', [place]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(place, { recursive: true });
  }
}
