// Used by start.mjs before anything is installed, so this file has no dependencies.
const { existsSync, readFileSync } = require('node:fs');
const { join } = require('node:path');

const oldestNode = 20;

/**
 * Why dependencies must be installed, or undefined when node_modules holds what package-lock.json asks for.
 * Compares contents and not times, because a checkout changes the times of unchanged files.
 * @param {string} root the folder of package-lock.json
 * @returns {string | undefined}
 */
function reasonToInstall(root) {
  const installed = readLock(join(root, 'node_modules', '.package-lock.json'));
  if (!installed) return 'nothing is installed yet';
  const wanted = readLock(join(root, 'package-lock.json'));
  if (!wanted) throw new Error(`${join(root, 'package-lock.json')} is missing or broken.`);
  for (const [path, entry] of Object.entries(wanted)) {
    const { version } = entry;
    // Optional packages may be for other platforms, and npm does not install extraneous ones.
    if (path === '' || entry.optional || entry.extraneous || entry.link) continue;
    if (installed[path]?.version !== version) {
      return `${path.replace(/^.*node_modules\//, '')} ${version} is missing`;
    }
  }
  return undefined;
}

/** @returns {Record<string, {version?: string, optional?: boolean, extraneous?: boolean, link?: boolean}> | undefined} */
function readLock(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/**
 * The Node that runs the tools: that of the dependency `node`, or this one if it is new enough.
 * @param {string} root
 * @returns {string | undefined}
 */
function findNode24(root, version = process.versions.node, own = process.execPath) {
  const installed = join(root, 'node_modules', 'node', 'bin', 'node');
  if (existsSync(installed)) return installed;
  return Number(version.split('.')[0]) >= 24 ? own : undefined;
}

/**
 * The message for a user whose Node is too old to start; otherwise undefined.
 * @param {string} version such as `18.19.0`
 * @returns {string | undefined}
 */
function tooOld(version) {
  if (Number(version.split('.')[0]) >= oldestNode) return undefined;
  return `This needs Node ${oldestNode} or newer, and this is Node ${version}. See https://nodejs.org/`;
}

module.exports = { findNode24, reasonToInstall, tooOld };
