// Takes the pictures of the workflows' canvases for tools/pictures.ts.
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import type { DemoFacts } from '../simulators';
import { openPage } from './browser';

/** The pictures, by words in the workflows' names. */
const PICTURES = {
  'activity in Intercom': 'canvas',
  'bot in Crisp': 'canvas-crisp',
  'ask about a visitor': 'canvas-agent',
  'asked for, in Crisp': 'canvas-proactive',
};
/** The time that the editor takes for its movements, in milliseconds. */
const MOVING_MS = 1_500;

/**
 * Opens each shipped workflow in the demo's n8n and takes a picture of its canvas.
 *
 * @param images the folder for the pictures
 */
export async function takeCanvases(
  browser: Browser,
  n8n: NonNullable<DemoFacts['n8n']>,
  login: { email: string; password: string },
  images: string,
): Promise<void> {
  const page = await openPage(browser, { baseURL: n8n });
  await page.goto('/signin');
  await page.getByLabel('Email').fill(login.email);
  await page.getByLabel('Password').fill(login.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(({ pathname }) => pathname !== '/signin');
  for (const [words, picture] of Object.entries(PICTURES)) {
    await page.goto('/home/workflows');
    await page.getByText(words).first().click();
    await page.locator('[data-test-id="canvas-node"]').first().waitFor();
    await page.waitForTimeout(MOVING_MS);
    await page.locator('[data-test-id="zoom-to-fit"]').click();
    await page.waitForTimeout(MOVING_MS);
    await page.screenshot({ path: join(images, `${picture}.png`) });
  }
  await page.context().close();
}
