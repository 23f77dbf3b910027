import { isDeepStrictEqual } from 'node:util';
import type { Contract } from './contract';

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
  /** `owner/name` on GitHub; undefined elsewhere. */
  builtFrom?: string | undefined;
  /** The contract that `npm run freeze` stored for this version. */
  frozen: Contract | undefined;
  contract: Contract;
}

/** Why this version must not be published, each with its remedy; empty when it may. */
export function releaseFaults(facts: ReleaseFacts): string[] {
  const { tag, manifest, lockedVersion, changelog, builtFrom, frozen, contract } = facts;
  const { version, repository, bugs, homepage } = manifest;
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
  if (!repository?.url || !bugs?.url || !homepage) {
    faults.push(
      'package.json names no repository, bugs or homepage: npm refuses provenance without, see docs/releasing.md.',
    );
  } else if (builtFrom && nameOf(repository.url) !== builtFrom.toLowerCase()) {
    faults.push(`package.json names the repository ${repository.url}, this is ${builtFrom}.`);
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

/** `git+https://github.com/Owner/name.git` is `owner/name`. */
function nameOf(url: string): string | undefined {
  return /github\.com[/:]([^/]+\/[^/]+?)(?:\.git)?\/?$/.exec(url)?.[1]?.toLowerCase();
}
