import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerResponse } from 'node:http';

import type { Person } from '../connector';
import { sendFile, sendText } from './files';

/** What the website needs of its surroundings. */
export interface WebsiteFacts {
  /** Where posthog-js comes from and sends to, known once it listens. */
  posthogUrl: () => string;
  /** The project's, for SDKs. */
  token: string;
  /** The visitors that a person at the website can be, by their email. */
  people: readonly Person[];
}

const FOLDER = join(__dirname, 'website');
const BASE = '/site/';

/** The page behind each address; the pages of the app share one, which shows what the address names. */
const PAGES: Record<string, string> = {
  '': 'home',
  pricing: 'pricing',
  signup: 'signup',
  dashboard: 'app',
  export: 'app',
  billing: 'app',
};

const FILES = new Map([
  ...readdirSync(FOLDER)
    .filter((name) => !name.endsWith('.html'))
    .map((name): [string, string] => [name, join(FOLDER, name)]),
  ...Object.entries(PAGES).map(([path, name]): [string, string] => [
    path,
    join(FOLDER, `${name}.html`),
  ]),
]);

/**
 * The website of Northwind Boards below `/site/`, a few real pages with the real posthog-js. Returns a function that
 * sends the file of a path; false when there is none.
 */
export function createWebsite({ posthogUrl, token, people }: WebsiteFacts) {
  const config = (): string => {
    const facts = { posthog: { url: posthogUrl(), token }, people };
    return `window.northwind = ${JSON.stringify(facts).replaceAll('<', '\\u003c')};\n`;
  };

  return async (path: string, response: ServerResponse): Promise<boolean> => {
    if (!path.startsWith(BASE)) return false;
    const name = path.slice(BASE.length);
    const policy = policyWith(new URL(posthogUrl()).origin);
    if (name === 'config.js') return sendText(config(), '.js', policy, response);
    const file = FILES.get(name);
    return file !== undefined && (await sendFile(file, policy, response));
  };
}

/** The pages load and call nothing but themselves and PostHog. */
const policyWith = (origin: string): string =>
  [
    "default-src 'none'",
    `script-src 'self' ${origin}`,
    "style-src 'self'",
    `connect-src ${origin}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
