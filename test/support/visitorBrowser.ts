import type { Browser, Page } from 'playwright-core';
import { openPage } from '../../tools/browser';

const AGENT =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';

/**
 * A page that posthog-js takes for a person's. It sends nothing for browsers that a program drives, and finds out by
 * several names; what the browser itself is told to say is forgotten while a page is left.
 */
export async function openAsVisitor(browser: Browser, baseURL: string): Promise<Page> {
  const page = await openPage(browser, { baseURL, userAgent: AGENT });
  const said = { webdriver: false, userAgentData: undefined, userAgent: AGENT };
  for (const [name, value] of Object.entries(said)) {
    const get = `{ get: () => ${JSON.stringify(value)} }`;
    await page.addInitScript(`Object.defineProperty(navigator, '${name}', ${get})`);
  }
  return page;
}
