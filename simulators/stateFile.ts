import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import type { Clock } from '../core/clock';
import type { Crowd } from './connector';
import type { CrispSimulator, Snapshot as CrispSnapshot } from './crisp';
import type { BotCalls, KnownCalls } from './inbox';
import type { IntercomSimulator, Snapshot } from './intercom';

export interface StateFile {
  /** Saves what is not saved yet and stops watching. */
  close(): Promise<void>;
}

const SAVE_AFTER_MS = 3_000;

/** What is kept. */
export interface Kept {
  intercom: Pick<IntercomSimulator, 'snapshot' | 'restore' | 'onChange'>;
  crisp: Pick<CrispSimulator, 'snapshot' | 'restore' | 'onChange'>;
  crowd: Pick<Crowd, 'sessions' | 'resume'>;
  calls: Pick<BotCalls, 'snapshot' | 'restore'>;
}

/** What is in the file: Intercom's conversations, and what came to be kept later, so each may be missing. */
interface State extends Snapshot {
  crisp?: CrispSnapshot;
  sessions?: Record<string, string>;
  calls?: KnownCalls;
}

/**
 * Keeps the conversations, who is in which session, and what bots answered from, in a file: loads it
 * now, saves at most every 3 s while something changes, and at the end. A file that does not hold a snapshot is ignored: a demo
 * should start.
 *
 * @param warn called once with the reason when a file is not used
 */
export async function openStateFile(
  path: string,
  { intercom, crisp, crowd, calls }: Kept,
  clock: Clock,
  warn: (message: string) => void,
): Promise<StateFile> {
  const saved = await load(path, warn);
  if (saved) {
    intercom.restore(saved);
    calls.restore(saved.calls ?? {});
    if (saved.crisp) crisp.restore(saved.crisp);
    crowd.resume(saved.sessions ?? {});
  }

  let cancel: (() => void) | undefined;
  let changed = false;
  let saving = Promise.resolve();
  const save = (): void => {
    cancel = undefined;
    changed = false;
    const state: State = {
      ...intercom.snapshot(),
      crisp: crisp.snapshot(),
      sessions: crowd.sessions(),
      calls: calls.snapshot(),
    };
    const text = JSON.stringify(state);
    saving = saving
      .then(() => write(path, text))
      .catch((error: unknown) =>
        warn(`The demo's conversations were not saved to ${path}: ${String(error)}`),
      );
  };
  const onChange = (): void => {
    changed = true;
    cancel ??= clock.after(SAVE_AFTER_MS, save);
  };
  const unwatch = [
    intercom.onChange(onChange),
    // Where visitors are changes all the time, and is saved with what else changes.
    crisp.onChange(({ kind }) => kind === 'page' || kind === 'presence' || onChange()),
  ];

  return {
    async close() {
      unwatch.forEach((stop) => stop());
      cancel?.();
      if (changed) save();
      await saving;
    },
  };
}

async function load(path: string, warn: (message: string) => void): Promise<State | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
  try {
    const snapshot = JSON.parse(text) as State;
    if (snapshot.version === 1 && Array.isArray(snapshot.conversations)) return snapshot;
  } catch {
    // Falls through to the warning.
  }
  warn(`${path} does not hold the demo's conversations; starting without them.`);
  return undefined;
}

/** Writes beside the file and renames, so that an interrupted run never leaves half a file. */
async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}
