import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { openPage } from '../../tools/browser';
import type { TestN8n } from '../../tools/n8n';
import { owner } from '../../tools/n8n/owner';

export { startBrowser } from '../../tools/browser';

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
