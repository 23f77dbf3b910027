import type { ICredentialDataDecryptedObject, IWebhookFunctions } from 'n8n-workflow';
import { systemClock, type Clock } from '../../core/clock';
import { createRecent } from '../../core/recent';

/** How old a credential may be by which a request is accepted, in milliseconds. */
const KEPT_MS = 5_000;
/** How old one may be by which a request is refused. Forged requests come in any number, and each would read it anew. */
const FRESH_MS = 1_000;
/** At least as many are kept, one for each node and type. */
const MOST = 500;

/** A webhook's context, whose credentials may be some seconds old. */
export type RecentContext = Pick<
  IWebhookFunctions,
  | 'getCredentials'
  | 'getNode'
  | 'getNodeParameter'
  | 'getWorkflow'
  | 'getWorkflowStaticData'
  | 'logger'
>;

/** Credentials of webhooks, which are read once for the requests of some seconds. */
export interface RecentCredentials {
  /** The context with credentials that may be five seconds old. */
  of(context: IWebhookFunctions): RecentContext;
  /**
   * Does work with recent credentials. If it refuses the request by one that is older than a second, does it once more with
   * a fresh one, because a person who has just corrected a secret tries again at once.
   */
  checked<T>(
    context: IWebhookFunctions,
    work: (recent: RecentContext) => Promise<T>,
    isRefused: (result: T) => boolean,
  ): Promise<T>;
}

interface Kept {
  at: number;
  reading: Promise<ICredentialDataDecryptedObject> | undefined;
}

/**
 * Keeps what webhooks read of credentials for some seconds. Each reading makes n8n start a sandbox for expressions, even
 * without any, which takes it longer than everything else that a webhook of this package does.
 */
export function createRecentCredentials(clock: Pick<Clock, 'now'>): RecentCredentials {
  const kept = createRecent<Kept>(MOST, () => ({ at: -Infinity, reading: undefined }));

  /** Undefined in the editor, where a person tries out what they have just entered. */
  function keptFor(context: IWebhookFunctions, type: string): Kept | undefined {
    const { id: node, credentials } = context.getNode();
    const id = credentials?.[type]?.id;
    if (!id || context.getMode() === 'manual') return undefined;
    return kept(JSON.stringify([context.getWorkflow().id, node, type, id]));
  }

  function seeing(context: IWebhookFunctions, mostMs: number) {
    let oldest = 0;
    async function read(type: string): Promise<ICredentialDataDecryptedObject> {
      const known = keptFor(context, type);
      if (!known) return await context.getCredentials(type);
      const age = clock.now() - known.at;
      // A clock that was set back makes it look younger than it is.
      if (known.reading && age >= 0 && age <= mostMs) {
        oldest = Math.max(oldest, age);
        return await known.reading;
      }
      const reading = context.getCredentials(type);
      Object.assign(known, { at: clock.now(), reading });
      reading.catch(() => {
        if (known.reading === reading) known.reading = undefined;
      });
      return await reading;
    }
    const recent: RecentContext = {
      getCredentials: async <T extends object>(type: string) => (await read(type)) as T,
      getNode: () => context.getNode(),
      getNodeParameter: ((...of: Parameters<typeof context.getNodeParameter>) =>
        context.getNodeParameter(...of)) as typeof context.getNodeParameter,
      getWorkflow: () => context.getWorkflow(),
      getWorkflowStaticData: (type) => context.getWorkflowStaticData(type),
      logger: context.logger,
    };
    return { recent, oldest: () => oldest };
  }

  return {
    of: (context) => seeing(context, KEPT_MS).recent,
    async checked(context, work, isRefused) {
      const { recent, oldest } = seeing(context, KEPT_MS);
      const result = await work(recent);
      if (oldest() <= FRESH_MS || !isRefused(result)) return result;
      return await work(seeing(context, FRESH_MS).recent);
    },
  };
}

export const recentCredentials = createRecentCredentials(systemClock);
