import type { InstallProgress } from './n8n/install';

/** Shows progress: on a terminal as one changing line, in a log as a line now and then. */
export interface Progress {
  step(text: string): void;
  /** The progress of the same step. */
  update(text: string): void;
  done(): void;
}

const quietMs = 15_000;

/** @param output where to write; a terminal gets a changing line. */
export function createProgress(
  output: { write(text: string): unknown; isTTY?: boolean } = process.stdout,
  now: () => number = Date.now,
): Progress {
  let open = false;
  let written = 0;
  const end = () => {
    if (open) output.write('\n');
    open = false;
  };
  return {
    step(text) {
      end();
      written = now();
      output.write(output.isTTY ? `  ${text}` : `  ${text}\n`);
      open = Boolean(output.isTTY);
    },
    update(text) {
      if (output.isTTY) {
        output.write(`\r\u001b[2K  ${text}`);
        open = true;
      } else if (now() - written >= quietMs) {
        written = now();
        output.write(`  ${text}\n`);
      }
    },
    done: end,
  };
}

/** One line about an n8n being installed. */
export function describeInstall({ phase, elapsedSeconds, bytes }: InstallProgress): string {
  const time = `${Math.floor(elapsedSeconds / 60)}:${String(elapsedSeconds % 60).padStart(2, '0')}`;
  // At first npm only resolves what it needs, and the size says nothing.
  const size = bytes > 2 ** 27 ? `, ${(bytes / 2 ** 30).toFixed(1)} of about 2.8 GB` : '';
  switch (phase) {
    case 'waiting':
      return `Waiting for another process that installs n8n (${time})`;
    case 'building':
      return `Installing n8n: building its native modules (${time}; this happens once)`;
    case 'done':
      return `n8n is installed (${time})`;
    default:
      return `Installing n8n: downloading (${time}${size}; this happens once and takes some minutes)`;
  }
}
