import type { CredentialMap, Rest } from '../../tools/n8n';

/** Secrets that open nothing, each of them somewhere in a credential. */
export const WRONG = {
  'wrong stream token': 'uk_live_pLaNtEd0StreamToken',
  'wrong Intercom token': 'pLaNtEd1IntercomToken',
  'wrong client secret': 'pLaNtEd2ClientSecret',
  'wrong Crisp key': 'pLaNtEd3CrispKey',
  'wrong hook secret': 'pLaNtEd4HookSecret',
  'wrong model key': 'sk-pLaNtEd5ModelKey',
  'memory password': 'pLaNtEd6MemoryPassword',
  'password in an address': 'pLaNtEd7UrlPassword',
  'token in an address': 'pLaNtEd8UrlToken',
};

/** Credentials of every type with these secrets, and addresses that hold some and lead nowhere. */
export async function wrongCredentials(
  rest: Rest,
  urls: { connector: string },
): Promise<CredentialMap> {
  const password = WRONG['password in an address'];
  const token = WRONG['token in an address'];
  // Nobody listens on port 9.
  const nowhere = (path: string) => `http://me:${password}@127.0.0.1:9${path}?token=${token}`;
  const data: Record<string, Record<string, unknown>> = {
    autoplayConnectorApi: {
      streamUrl: `${urls.connector.replace('//', `//me:${password}@`)}/stream/x?token=${token}`,
      token: WRONG['wrong stream token'],
    },
    intercomConversationApi: {
      accessToken: WRONG['wrong Intercom token'],
      region: 'custom',
      baseUrl: nowhere(''),
      clientSecret: WRONG['wrong client secret'],
    },
    crispConversationApi: {
      websiteId: 'w',
      tokenIdentifier: 'identifier',
      tokenKey: WRONG['wrong Crisp key'],
      tier: 'website',
      webhookSecret: WRONG['wrong hook secret'],
      baseUrl: nowhere('/v1'),
    },
    openAiApi: { apiKey: WRONG['wrong model key'], url: nowhere('/v1') },
    autoplayMemoryApi: {
      storage: 'postgres',
      host: '127.0.0.1',
      port: 9,
      database: 'n8n',
      user: 'postgres',
      password: WRONG['memory password'],
      ssl: false,
      retentionHours: 24,
    },
  };
  const credentials: CredentialMap = {};
  for (const [type, fields] of Object.entries(data)) {
    credentials[type] = await rest.upsertCredential(type, `wrong ${type}`, fields);
  }
  return credentials;
}
