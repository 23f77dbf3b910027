import type { Action, SessionBatch } from './types';

/**
 * The batch with addresses that end before `?` and `#`: what follows often holds tokens and personal
 * data. Names and passwords before the host go, too. The same is done to addresses within texts, for
 * descriptions may quote them.
 */
export function withoutQueries(batch: SessionBatch): SessionBatch {
  const actions = batch.actions.map((action): Action => ({
    ...action,
    title: bareAddressesIn(action.title),
    description: bareAddressesIn(action.description),
    raw_url: bare(action.raw_url),
    canonical_url: bare(action.canonical_url),
  }));
  const summaries = batch.summaries?.map((one) => ({
    ...one,
    summary: bareAddressesIn(one.summary),
  }));
  return { ...batch, actions, ...(summaries && { summaries }) };
}

function bare(url: string): string {
  return url.replace(/[?#].*$/s, '').replace(/^([a-z][a-z\d+.-]*:)?\/\/[^/]*@/i, '$1//');
}

/** Whole addresses, and paths if what follows them looks like a query: a question mark may end a sentence. */
export function bareAddressesIn(text: string): string {
  if (!/[?#@]/.test(text)) return text;
  return text
    .replace(/\b([a-z][a-z\d+.-]{1,20}:\/\/)([^\s/?#]*@)?([^\s?#]*)([?#]\S*)?/gi, '$1$3')
    .replace(/(?<![^\s"'(<])(\/[^\s?#]*)[?#][^\s=]*=\S*/g, '$1');
}
