import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { findProgram, type NeededProgram } from './servers/program';

const CHROMIUM: NeededProgram = {
  names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
  debianPackage: 'chromium',
  advice:
    'Tests in a browser need Chromium or Chrome: install it (Debian: sudo apt-get install chromium; macOS: brew install --cask chromium), or set CHROMIUM to the path of the program.',
};

/** When a step on a page is given up, in milliseconds: a limit for what never comes, not for what is slow. */
const PATIENCE_MS = 180_000;
/** The size of the pictures in the docs. */
const VIEWPORT = { width: 1440, height: 900 };

/** Starts the machine's Chromium without a window. The caller closes it. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? (await findProgram(CHROMIUM));
  // Root, as in most containers, may not use Chromium's sandbox.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return await chromium.launch({ executablePath, args: [...args, '--disable-dev-shm-usage'] });
}

/** A page with its own cookies, light and in English unless the options differ. */
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
  context.setDefaultTimeout(PATIENCE_MS);
  return await context.newPage();
}
