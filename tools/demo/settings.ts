import { join, resolve } from 'node:path';

/** The ports of everything the demo listens on. */
export interface DemoPorts {
  n8n: number;
  inbox: number;
  connector: number;
  posthog: number;
  intercom: number;
  model: number;
  crisp: number;
}

/** The demo's settings from the environment. A service that is left out is simulated. */
export interface DemoSettings {
  /** The folder for all of the demo's data. */
  folder: string;
  ports: DemoPorts;
  /** Where the visitors' activity comes from. */
  source: 'autoplay' | 'posthog';
  posthog?: {
    region: string;
    /** Both empty except in the region `custom`. */
    baseUrl: string;
    liveUrl: string;
    /** Empty for the project that the key's owner has open. */
    projectId: string;
    personalApiKey: string;
    signingSecret: string;
  };
  autoplay?: { streamUrl: string; token: string };
  intercom?: { accessToken: string; clientSecret: string; region: string };
  crisp?: {
    websiteId: string;
    tokenIdentifier: string;
    tokenKey: string;
    webhookSecret: string;
    tier: 'plugin' | 'website';
  };
  openai?: { apiKey: string; url: string };
  /** The public address of n8n, without a slash at the end. */
  publicUrl?: string;
  /** The password for n8n; by default a random one. */
  password?: string;
  /** Whether the simulated visitors' pages hold markup, other scripts and orders to a model. */
  hostile?: true;
}

/** The environment variable for each port, and the port when it is not set. */
export const portVariables = {
  n8n: ['N8N_PORT', 5678],
  inbox: ['INBOX_PORT', 4300],
  connector: ['CONNECTOR_PORT', 4301],
  intercom: ['INTERCOM_PORT', 4302],
  model: ['MODEL_PORT', 4303],
  crisp: ['CRISP_PORT', 4304],
  posthog: ['POSTHOG_PORT', 4305],
} as const satisfies Record<keyof DemoPorts, readonly [string, number]>;

/** The defaults where the environment has no value. */
export interface UsualSettings {
  /** Within the clone. */
  folder: string;
  /** Added to each default port. */
  portOffset: number;
}

const DEMO: UsualSettings = { folder: '.demo', portOffset: 0 };

/** Separate from the demo, so that both can run at once. */
export const DEVELOPMENT: UsualSettings = { folder: '.dev', portOffset: 10 };

/**
 * Reads the demo's settings from the environment.
 * @param options.words of the command line: `--source posthog`
 * @throws when a value makes no sense, or a real service is named only in part: a typo must not quietly end in a
 * simulator.
 */
export function readSettings(
  environment: NodeJS.ProcessEnv,
  root: string,
  { usually = DEMO, words = [] }: { usually?: UsualSettings; words?: readonly string[] } = {},
): DemoSettings {
  // An empty variable counts as not set.
  const value = (name: string) => environment[name]?.trim() || undefined;
  const group = (names: string[]): string[] | undefined => {
    const values = names.map(value);
    const missing = names.filter((_, index) => !values[index]);
    if (missing.length === names.length) return undefined;
    if (missing.length > 0) {
      const set = names.filter((name) => !missing.includes(name));
      throw new Error(
        `${set.join(' and ')} ${set.length > 1 ? 'are' : 'is'} set, ${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} not: set all of them to use the real service, or none to use its simulator.`,
      );
    }
    return values as string[];
  };
  const port = ([name, usual]: readonly [string, number]): number => {
    const text = value(name);
    const number = Number(text ?? usual + usually.portOffset);
    if (Number.isInteger(number) && number > 0 && number < 65_536) return number;
    throw new Error(`${name} is "${text}", which is no port number.`);
  };

  const source = readSource(words);
  const posthog = readPosthog(value);
  const autoplay = group(['AUTOPLAY_STREAM_URL', 'AUTOPLAY_TOKEN']);
  const intercom = group(['INTERCOM_ACCESS_TOKEN', 'INTERCOM_CLIENT_SECRET']);
  const crisp = group([
    'CRISP_WEBSITE_ID',
    'CRISP_TOKEN_IDENTIFIER',
    'CRISP_TOKEN_KEY',
    'CRISP_WEBHOOK_SECRET',
  ]);
  const apiKey = value('OPENAI_API_KEY');
  const publicUrl = value('WEBHOOK_URL')?.replace(/\/+$/, '');
  const password = value('DEMO_PASSWORD');
  const ports = {
    n8n: port(portVariables.n8n),
    inbox: port(portVariables.inbox),
    connector: port(portVariables.connector),
    posthog: port(portVariables.posthog),
    intercom: port(portVariables.intercom),
    model: port(portVariables.model),
    crisp: port(portVariables.crisp),
  };
  return {
    folder: resolve(root, value('DEMO_FOLDER') ?? join(root, usually.folder, ...inside[source])),
    ports,
    source,
    ...(posthog && { posthog }),
    ...(autoplay && { autoplay: { streamUrl: autoplay[0]!, token: autoplay[1]! } }),
    ...(intercom && {
      intercom: {
        accessToken: intercom[0]!,
        clientSecret: intercom[1]!,
        region: value('INTERCOM_REGION') ?? 'us',
      },
    }),
    ...(crisp && {
      crisp: {
        websiteId: crisp[0]!,
        tokenIdentifier: crisp[1]!,
        tokenKey: crisp[2]!,
        webhookSecret: crisp[3]!,
        tier: readTier(value('CRISP_TIER')),
      },
    }),
    ...(apiKey && {
      openai: { apiKey, url: value('OPENAI_BASE_URL') ?? 'https://api.openai.com/v1' },
    }),
    ...(publicUrl && { publicUrl }),
    ...(password && { password }),
    ...(areHostile(value('DEMO_VISITORS')) && { hostile: true }),
  };
}

/** Each source has an n8n of its own, because workflows for both would answer every visitor twice. */
const inside = { autoplay: [], posthog: ['posthog'] };

function readSource(words: readonly string[]): DemoSettings['source'] {
  if (words.length === 0) return 'autoplay';
  const [name, source, ...more] = words;
  const isKnown = source === 'autoplay' || source === 'posthog';
  if (name === '--source' && isKnown && more.length === 0) return source;
  throw new Error(
    `"${words.join(' ')}" is unknown. There is --source autoplay, and --source posthog.`,
  );
}

function readPosthog(value: (name: string) => string | undefined): DemoSettings['posthog'] {
  const personalApiKey = value('POSTHOG_API_KEY');
  if (!personalApiKey) return undefined;
  const baseUrl = value('POSTHOG_URL') ?? '';
  const region = value('POSTHOG_REGION') ?? (baseUrl ? 'custom' : 'us');
  if (!['us', 'eu', 'custom'].includes(region)) {
    throw new Error(`POSTHOG_REGION is "${region}"; it must be us, eu or custom.`);
  }
  if ((region === 'custom') !== (baseUrl !== '')) {
    throw new Error('POSTHOG_URL is the address of your own PostHog, in the region custom only.');
  }
  return {
    region,
    baseUrl,
    liveUrl: value('POSTHOG_LIVE_URL') ?? '',
    projectId: value('POSTHOG_PROJECT_ID') ?? '',
    personalApiKey,
    signingSecret: value('POSTHOG_SIGNING_SECRET') ?? '',
  };
}

function areHostile(text = 'plausible'): boolean {
  if (text === 'plausible' || text === 'hostile') return text === 'hostile';
  throw new Error(`DEMO_VISITORS is "${text}"; it must be plausible or hostile.`);
}

function readTier(text = 'website'): 'plugin' | 'website' {
  if (text === 'plugin' || text === 'website') return text;
  throw new Error(`CRISP_TIER is "${text}"; it must be plugin or website.`);
}
