import type { Clock } from '../clock';
import { asError } from '../values';

/** How often, in milliseconds. Work that is found was put off by some seconds itself. */
const POLL_EVERY_MS = 15_000;

export interface PollParts {
  clock: Clock;
  /** Whether work is due. May open the memory, whose outage then delays nothing else. */
  isDue(): Promise<boolean>;
  onDue(): void;
  /** The memory could not be asked. Called once for each outage. */
  onTrouble(error: Error): void;
}

/** Asks every 15 seconds whether work is due; the first time after 15 seconds. Returns how to stop. */
export function pollForWork({ clock, isDue, onDue, onTrouble }: PollParts): () => void {
  let isStopped = false;
  let isTroubled = false;
  const poll = async () => {
    try {
      if ((await isDue()) && !isStopped) onDue();
      isTroubled = false;
    } catch (error) {
      if (!isTroubled) onTrouble(asError(error));
      isTroubled = true;
    }
    if (!isStopped) pollLater();
  };
  let cancel: () => void;
  const pollLater = () => (cancel = clock.after(POLL_EVERY_MS, () => void poll()));
  pollLater();
  return () => {
    isStopped = true;
    cancel();
  };
}
