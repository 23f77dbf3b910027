import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { N8nInstall } from './install';
import { childEnvironment } from './node24';

// So that n8n logs no errors without internet access, and tests are not counted as users of n8n.
const quiet = {
  N8N_DIAGNOSTICS_ENABLED: 'false',
  N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
  N8N_VERSION_NOTIFICATIONS_WHATS_NEW_ENABLED: 'false',
  N8N_DYNAMIC_BANNERS_ENABLED: 'false',
  N8N_HIRING_BANNER_ENABLED: 'false',
  N8N_TEMPLATES_ENABLED: 'false',
  N8N_PERSONALIZATION_ENABLED: 'false',
  N8N_LICENSE_AUTO_RENEW_ENABLED: 'false',
  N8N_VERIFIED_PACKAGES_ENABLED: 'false',
  N8N_PYTHON_ENABLED: 'false',
  // Login over plain HTTP, here on the loopback interface only.
  N8N_SECURE_COOKIE: 'false',
  N8N_UNVERIFIED_PACKAGES_ENABLED: 'true',
};

/** Disables a module only where it exists, because n8n refuses to start with an unknown name, as older ones have. */
const withoutModules = ({ dir }: N8nInstall): Record<string, string> =>
  existsSync(join(dir, 'node_modules', 'n8n', 'dist', 'modules', 'mcp-registry'))
    ? { N8N_DISABLED_MODULES: 'mcp-registry' }
    : {};

// Settings in this shell for another n8n must not reach this one.
const foreign = /^(N8N_|DB_|EXECUTIONS_|QUEUE_|WEBHOOK_URL$)/;

/**
 * The environment of an n8n: this process's, without settings for another n8n.
 * @param more variables on top of the quiet defaults; they win.
 */
export function n8nEnvironment(
  n8n: N8nInstall,
  userFolder: string,
  more: Record<string, string>,
): Record<string, string> {
  const inherited = childEnvironment();
  for (const name of Object.keys(inherited)) if (foreign.test(name)) delete inherited[name];
  return {
    ...inherited,
    ...quiet,
    ...withoutModules(n8n),
    ...more,
    N8N_USER_FOLDER: userFolder,
    N8N_ENCRYPTION_KEY: more.N8N_ENCRYPTION_KEY ?? encryptionKey(userFolder),
  };
}

/** One key per user folder, stored in it, so that the next start can read its credentials. */
function encryptionKey(userFolder: string): string {
  const path = join(userFolder, 'encryption-key');
  if (!existsSync(path)) writeFileSync(path, randomBytes(24).toString('hex'), { mode: 0o600 });
  return readFileSync(path, 'utf8').trim();
}
