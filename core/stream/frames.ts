import type { Clock } from '../clock';
import { parseFrameText } from '../payload/parse';
import type { SessionBatch, SkipReason } from '../payload/types';

export interface FrameReader {
  /** Reads the text of one frame and passes its batches on. Never throws on the text's account. */
  read(text: string): void;
  /** How often each reason to pass something over has applied. */
  skipped(): Partial<Record<SkipReason, number>>;
}

export interface FrameReaderOptions {
  /** For frames that name no product. */
  productId: string;
  clock: Pick<Clock, 'now'>;
  onBatch(batch: SessionBatch): void;
  /** Called when a reason to pass something over applies for the first time; for logs. */
  onFirstSkip?(reason: SkipReason): void;
}

/** Turns frames into batches and counts what cannot be used. */
export function createFrameReader(options: FrameReaderOptions): FrameReader {
  const { productId, clock, onBatch, onFirstSkip } = options;
  const totals: Partial<Record<SkipReason, number>> = {};
  return {
    read(text) {
      const { batches, skipped } = parseFrameText(text, {
        productId,
        receivedAt: clock.now() / 1_000,
      });
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

/** The product a stream's URL names: the last part of its path; '' when there is none. */
export function productOfUrl(url: string): string {
  const last =
    URL.parse(url)
      ?.pathname.split('/')
      .findLast((part) => part !== '') ?? '';
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}
