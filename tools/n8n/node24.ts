import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** The folder of this repository's own package.json. */
export const repositoryFolder = join(__dirname, '..', '..');

/**
 * The Node 24 that n8n runs with: that of the dev dependency `node`, or this process's own.
 * @throws when there is neither.
 */
export function node24(): string {
  const installed = join(repositoryFolder, 'node_modules', 'node', 'bin', 'node');
  if (existsSync(installed)) return installed;
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  throw new Error(
    `n8n needs Node 24, this is ${process.version} and the dev dependency "node" is not installed. Run "npm ci" first.`,
  );
}

// Variables of npm, Jest and an outer n8n that would mislead a child: NODE_ENV=test stops n8n from loading nodes,
// and npm's variables describe the wrong package.
const leftovers =
  /^(npm_lifecycle_|npm_package_|npm_config_local_prefix$|JEST_|NODE_ENV$|INIT_CWD$)/;

/**
 * This process's environment for a child that must run with Node 24, with Node 24 first on the PATH.
 * @param extra variables to set on top; they win.
 */
export function childEnvironment(extra: Record<string, string> = {}): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && !leftovers.test(name)) environment[name] = value;
  }
  environment.PATH = [dirname(node24()), process.env.PATH ?? ''].join(delimiter);
  return { ...environment, ...extra };
}
