import { pageOf } from '../docs/pages';

/** What addresses are made of: two fields of package.json. */
export interface Manifest {
  version: string;
  repository?: { url?: string } | undefined;
}

/** Where the files of a version can be read. */
export interface Addresses {
  /** The address of a file as GitHub shows it; the path is from the repository's folder. */
  page(path: string): string;
  /** The address of a file's content, as pictures need it. */
  raw(path: string): string;
}

/** The page that a credential's form links to. */
const CREDENTIAL_PAGES: Readonly<Record<string, string>> = {
  autoplayConnectorApi: 'docs/setup-autoplay.md',
  autoplayContextApi: 'docs/credentials.md#autoplay-context-api',
  autoplayMemoryApi: 'docs/credentials.md#autoplay-memory-api',
  autoplayPushApi: 'docs/setup-autoplay.md#push-instead-of-the-stream',
  crispConversationApi: 'docs/setup-crisp.md',
  intercomConversationApi: 'docs/setup-intercom.md',
  posthogActivityApi: 'docs/setup-posthog.md',
};

/** `git+https://github.com/Owner/name.git` is `Owner/name`; undefined for a repository elsewhere. */
export function repositoryName(url: string | undefined): string | undefined {
  return /github\.com[/:]([^/]+\/[^/]+?)(?:\.git)?\/?$/.exec(url ?? '')?.[1];
}

/** The addresses of the version's tag; undefined while package.json names no repository on GitHub. */
export function addressesOf({ version, repository }: Manifest): Addresses | undefined {
  const name = repositoryName(repository?.url);
  if (!name) return undefined;
  return {
    page: (path) => `https://github.com/${name}/blob/v${version}/${path}`,
    raw: (path) => `https://raw.githubusercontent.com/${name}/v${version}/${path}`,
  };
}

/** A page of the repository's folder whose links and pictures also work elsewhere, such as on npm. */
export function inMarkdown(markdown: string, { page, raw }: Addresses): string {
  return markdown.replace(
    /(!?)\[([^\]]*)\]\((?![a-z]+:|#)([^)\s]+)\)/g,
    (_, picture: string, words: string, path: string) =>
      `${picture}[${words}](${picture ? raw(path) : page(path)})`,
  );
}

/** A workflow file whose sticky notes link to the pages that they name. */
export function inWorkflow(json: string, { page }: Addresses): string {
  return json.replace(/`(docs\/[\w./-]+\.md)`/g, (_, path: string) => `[${path}](${page(path)})`);
}

/** A node's codex file, whose Docs link leads to the node's page. */
export function inCodex(json: string, { page }: Addresses): string {
  const codex = JSON.parse(json) as { node: string; resources: Record<string, unknown> };
  const name = codex.node.split('.').at(-1)!;
  const resources = {
    primaryDocumentation: [{ url: page(`docs/nodes/${pageOf({ name })}`) }],
    credentialDocumentation: [{ url: page('docs/credentials.md') }],
  };
  return JSON.stringify({ ...codex, resources }, null, 2);
}

/**
 * A credential's compiled file, whose Docs link leads to the page that says where its values are found.
 * @throws for a file without name or link, or a credential without a page
 */
export function inCredential(code: string, { page }: Addresses): string {
  const name = /\bname = ['"](\w+)['"]/.exec(code)?.[1] ?? '';
  const path = CREDENTIAL_PAGES[name];
  const link = /(\bdocumentationUrl =\s+)(['"])[^'"]*\2/;
  if (!path || !link.test(code)) throw new Error(`No page or link for the credential "${name}"`);
  return code.replace(link, (_, start: string) => `${start}${JSON.stringify(page(path))}`);
}
