import { isSamePlace } from '../http/addresses';
import { OutcomeUnknownError, ServiceError } from '../http/errors';
import type { Connector, ConnectorApi } from './connectorApi';

/**
 * A header that a connector of ours sends, and by which we know it: people may give it another name and description, and
 * of its headers Intercom shows only the names.
 */
export const MARK = { name: 'X-Autoplay-Context', value: 'n8n-nodes-autoplay' };

/** How long Intercom itself may take to complete a connector that we wrote. Later changes are a person's. */
const SETTLE_MS = 10_000;

/** The connector that a workflow needs, with the fields of Intercom's API. */
export interface WantedConnector {
  name: string;
  url: string;
  headers: ReadonlyArray<{ name: string; value: string }>;
  [field: string]: unknown;
}

/** What a node keeps of its connector between calls. Everything may be missing. */
export interface KnownConnector {
  connectorId?: string | undefined;
  /** Where it had to send its requests when we looked last. */
  url?: string | undefined;
  /** When Intercom had taken in what we wrote last, by its own clock: epoch milliseconds. */
  writtenAt?: number | undefined;
}

/** What a node has to keep, and what was done. */
export interface RegisteredConnector extends Required<KnownConnector> {
  name: string;
  /** `moved`: it sent its requests to a former address of ours. */
  how: 'found' | 'made' | 'moved';
}

export interface Connectors {
  /**
   * Finds the connector that sends its requests to the wanted URL, or makes a draft of it. Nothing but a former URL of
   * ours is ever changed, because what else differs was changed by a person. They may even have given it another URL.
   */
  register(wanted: WantedConnector, known: KnownConnector): Promise<RegisteredConnector>;
  /**
   * Deletes our connector for this URL if it is a draft, as we wrote it, and unused.
   * @returns what became of it: `left` for one that Intercom or we keep; `none` if there is none
   */
  remove(url: string, known: KnownConnector): Promise<'deleted' | 'left' | 'none'>;
}

/** Data connectors of Intercom that ask this n8n. All methods throw as {@link ConnectorApi}. */
export function createConnectors(api: ConnectorApi): Connectors {
  /** The connector for this URL, or else the known one, if it still bears our mark. */
  async function find(url: string, { connectorId }: KnownConnector) {
    const entries = await api.list();
    const own = entries.find(({ id }) => id === connectorId);
    const known = own && (await api.get(own));
    if (known && isSamePlace(known.url, url)) return known;
    // Lists show no URLs.
    const rest = entries.filter((one) => one !== own);
    const others = await Promise.all(rest.map(async (entry) => await api.get(entry)));
    const [first] = others
      .filter((one) => one !== undefined && isSamePlace(one.url, url))
      // One that bears our mark, and of those not a person's copy, which is younger.
      .sort((a, b) => Number(isOurs(b!)) - Number(isOurs(a!)) || a!.createdAt - b!.createdAt);
    return first ?? (known && isOurs(known) ? known : undefined);
  }

  async function create(wanted: WantedConnector): Promise<Connector> {
    const body = { ...wanted, headers: [...wanted.headers, MARK] };
    return await api.create(body).catch(async (error: unknown) => {
      if (!(error instanceof OutcomeUnknownError)) throw error;
      // Fin would have two tools for the same.
      const landed = await find(wanted.url, {}).catch(() => undefined);
      if (landed) return landed;
      throw error;
    });
  }

  return {
    async register(wanted, known) {
      const { url } = wanted;
      const found = await find(url, known);
      if (!found) return kept(await create(wanted), url, 'made');
      const isFormer =
        !isSamePlace(found.url, url) &&
        known.url !== undefined &&
        isSamePlace(found.url, known.url);
      if (isFormer) return kept(await api.change(found.id, { url }), url, 'moved');
      const before = found.id === known.connectorId ? known.writtenAt : undefined;
      return { ...kept(found, url, 'found'), writtenAt: before ?? found.createdAt };
    },
    async remove(url, known) {
      const entries = await api.list();
      const { connectorId } = known;
      const ours = entries.filter(({ id, isLive }) =>
        connectorId === undefined ? !isLive : id === connectorId,
      );
      for (const entry of ours) {
        const found = await api.get(entry);
        if (!found || !isOurs(found) || !isSamePlace(found.url, url)) continue;
        const writtenAt = known.writtenAt ?? found.createdAt;
        const isUntouched = found.updatedAt - writtenAt <= SETTLE_MS;
        if (found.isLive || !isUntouched) return 'left';
        return await removeDraft(found.id);
      }
      return 'none';
    },
  };

  async function removeDraft(id: string): Promise<'deleted' | 'left' | 'none'> {
    try {
      await api.delete(id);
      return 'deleted';
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      if (error.status === 404) return 'none';
      if (error.status === 409) return 'left';
      throw error;
    }
  }
}

function kept(
  { id, name, updatedAt }: Connector,
  url: string,
  how: RegisteredConnector['how'],
): RegisteredConnector {
  return { connectorId: id, url, writtenAt: updatedAt, name, how };
}

function isOurs({ headerNames }: Connector): boolean {
  return headerNames.includes(MARK.name.toLowerCase());
}
