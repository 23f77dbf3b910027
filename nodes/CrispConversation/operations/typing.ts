import type { CrispApi } from '../../../core/crisp/api';

type Compose = Pick<CrispApi, 'compose'>;

/** Indicators that Crisp has not yet confirmed, by conversation. Their steps have gone on. */
const starting = new Map<string, Promise<void>>();

/** Shows the typing indicator without waiting for Crisp. A failure is ignored: nothing depends on the indicator. */
export function startTyping(api: Compose, conversationId: string): void {
  const started = api
    .compose(conversationId, 'start')
    .catch(() => undefined)
    .finally(() => {
      if (starting.get(conversationId) === started) starting.delete(conversationId);
    });
  starting.set(conversationId, started);
}

/** Hides the typing indicator, after one that is still being shown: otherwise that one would stay. @throws as {@link CrispApi} */
export async function stopTyping(api: Compose, conversationId: string): Promise<void> {
  await starting.get(conversationId);
  await api.compose(conversationId, 'stop');
}
