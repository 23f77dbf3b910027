import type { SessionBatch } from './types';

/** The batch with URLs that end before `?` and `#`: what follows often holds tokens and personal data. */
export function withoutQueries(batch: SessionBatch): SessionBatch {
  const actions = batch.actions.map((action) => ({
    ...action,
    raw_url: bare(action.raw_url),
    canonical_url: bare(action.canonical_url),
  }));
  return { ...batch, actions };
}

function bare(url: string): string {
  return url.replace(/[?#].*$/s, '');
}
