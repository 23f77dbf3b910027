import { isDeepStrictEqual } from 'node:util';
import { repositoryName } from './addresses';
import type { Contract } from './contract';

/** What pages say until the first release. */
const UNPUBLISHED = 'not on npm yet';

/** The facts about a release that must agree. */
export interface ReleaseFacts {
  /** The tag to publish; undefined for a release by hand. */
  tag?: string | undefined;
  manifest: {
    name: string;
    version: string;
    homepage?: string;
    repository?: { type: string; url: string };
    bugs?: { url: string };
  };
  /** The version that package-lock.json gives the package. */
  lockedVersion: string;
  /** The text of CHANGELOG.md; empty when there is none. */
  changelog: string;
  /** The pages that say how to install the package, by their names. */
  installPages: Record<string, string>;
  /** `owner/name` on GitHub; undefined elsewhere. */
  builtFrom?: string | undefined;
  /** The contract that `npm run freeze` stored for this version. */
  frozen: Contract | undefined;
  contract: Contract;
}

/** Why this version must not be published, each with its remedy; empty when it may. */
export function releaseFaults(facts: ReleaseFacts): string[] {
  const { tag, manifest, lockedVersion, changelog, installPages, builtFrom } = facts;
  const { version, repository, bugs, homepage } = manifest;
  const { frozen, contract } = facts;
  const faults: string[] = [];
  if (tag !== undefined && tag !== `v${version}`) {
    faults.push(`The tag is ${tag}, and package.json says ${version}: they have to agree.`);
  }
  if (lockedVersion !== version) {
    faults.push(`package-lock.json says ${lockedVersion}, not ${version}: run npm install.`);
  }
  if (!hasEntry(changelog, version)) {
    faults.push(`CHANGELOG.md has no entry for ${version}: say there what users notice.`);
  }
  const home = repositoryName(repository?.url);
  if (!home) {
    faults.push(
      'package.json names no repository on GitHub: pictures, Docs links and provenance need it, see docs/releasing.md.',
    );
  } else if (builtFrom && home.toLowerCase() !== builtFrom.toLowerCase()) {
    faults.push(`package.json names the repository ${repository?.url}, this is ${builtFrom}.`);
  }
  // npm derives both from the repository.
  for (const [field, url] of Object.entries({ homepage, bugs: bugs?.url })) {
    if (home && url && !url.toLowerCase().includes(`github.com/${home.toLowerCase()}`)) {
      faults.push(`package.json's ${field} is ${url}, not in ${home}: remove it or correct it.`);
    }
  }
  for (const [page, text] of Object.entries(installPages)) {
    if (text.includes(UNPUBLISHED)) faults.push(`${page} still says “${UNPUBLISHED}”.`);
  }
  if (!frozen || !isDeepStrictEqual(frozen, JSON.parse(JSON.stringify(contract)))) {
    faults.push(
      `The contract of ${version} differs from the frozen one: run npm run freeze, and commit.`,
    );
  }
  return faults;
}

/** A heading that begins with the version: `## 1.2.3`, `## [1.2.3] - 2026-01-31`. */
function hasEntry(changelog: string, version: string): boolean {
  return changelog.split('\n').some((line) => /^##\s+\[?v?([^\]\s]+)/.exec(line)?.[1] === version);
}
