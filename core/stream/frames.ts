import type { Clock } from '../clock';
import { parseFrameText } from '../payload/parse';
import type { SessionBatch, SkipReason } from '../payload/types';

interface FrameReader {
  /** Reads the text of one frame and passes its batches on. No text makes it throw. */
  read(text: string): void;
  /** How often something was skipped, by reason. */
  skipped(): Partial<Record<SkipReason, number>>;
}

interface FrameReaderOptions {
  /** For frames that name no product. */
  productId: string;
  clock: Pick<Clock, 'now'>;
  onBatch(batch: SessionBatch): void;
  /** Called the first time that something is skipped for a reason; for logs. */
  onFirstSkip?(reason: SkipReason): void;
}

/** Turns frames into batches and counts what it skips. */
export function createFrameReader(options: FrameReaderOptions): FrameReader {
  const { productId, clock, onBatch, onFirstSkip } = options;
  const totals: Partial<Record<SkipReason, number>> = {};
  const defaults = {
    productId,
    // Nearly every frame says itself when it was forwarded.
    get receivedAt() {
      return clock.now() / 1_000;
    },
  };
  return {
    read(text) {
      const { batches, skipped } = parseFrameText(text, defaults);
      for (const key in skipped) {
        const reason = key as SkipReason;
        if (!totals[reason]) onFirstSkip?.(reason);
        totals[reason] = (totals[reason] ?? 0) + (skipped[reason] ?? 0);
      }
      for (const batch of batches) onBatch(batch);
    },
    skipped: () => ({ ...totals }),
  };
}
