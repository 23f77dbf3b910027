import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import type { TestN8n } from '../../tools/n8n';
import { owner } from '../../tools/n8n/owner';
import { findProgram, type NeededProgram } from '../../tools/servers/program';

const CHROMIUM: NeededProgram = {
  names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
  debianPackage: 'chromium',
  advice:
    'Tests in a browser need Chromium or Chrome: install it (Debian: sudo apt-get install chromium; macOS: brew install --cask chromium), or set CHROMIUM to the path of the program.',
};

/** What the pictures in the docs are taken with, too. */
const VIEWPORT = { width: 1440, height: 900 };

/** Starts the machine's Chromium without a window. Close it in the end. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? (await findProgram(CHROMIUM));
  // Root, as in most containers, may not use Chromium's sandbox.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return await chromium.launch({ executablePath, args: [...args, '--disable-dev-shm-usage'] });
}

/** A page of its own, with its own cookies; light and in English unless asked otherwise. */
export async function openPage(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext({
    viewport: VIEWPORT,
    locale: 'en-US',
    colorScheme: 'light',
    ...options,
  });
  return await context.newPage();
}

/** A page that is logged in to n8n's editor as the tests' owner; its paths are n8n's. */
export async function openEditor(
  browser: Browser,
  { rest }: Pick<TestN8n, 'rest'>,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const page = await openPage(browser, { baseURL: rest.baseUrl, ...options });
  await page.goto('/signin');
  await page.getByLabel('Email').fill(owner.email);
  await page.getByLabel('Password').fill(owner.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL((url) => url.pathname !== '/signin');
  return page;
}
