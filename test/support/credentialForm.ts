import type { Locator, Page } from 'playwright-core';
import { byId } from './panels';

/** n8n takes over what is typed a moment later, and a click on Save before that does nothing. */
const TAKEN_OVER_MS = 500;
const FIELD = 'credential-connection-parameter';

/** Opens the form for a new credential, as from n8n's list of credentials. */
export async function openForm(page: Page, type: string): Promise<Locator> {
  await page.goto('/home/credentials/create');
  const search = page.getByRole('dialog').locator('input').first();
  await search.click();
  await search.fill(type);
  await onList(page, type).click();
  await byId(page, 'new-credential-type-button').click();
  const form = byId(page, 'editCredential-modal');
  await byId(form, FIELD).first().waitFor();
  return form;
}

/** The form's fields from top to bottom, a star after those that are required. */
export async function formLabels(form: Locator): Promise<string[]> {
  const texts = await byId(form, FIELD).allInnerTexts();
  return texts.map((text) => text.replace(/\s*\*/, '*').split('\n')[0]!.trim());
}

/** Enters values by the fields' names; those of lists by the words shown. */
export async function enter(form: Locator, values: Record<string, string>): Promise<void> {
  for (const [field, value] of Object.entries(values)) {
    const list = byId(form, `parameter-input-${field}`).locator('.el-select');
    if ((await list.count()) > 0) {
      await list.first().click();
      await onList(form.page(), value).click();
    } else {
      await inputOf(form, field).fill(value);
    }
  }
  await form.page().waitForTimeout(TAKEN_OVER_MS);
}

/** Where a field's value is typed. */
export function inputOf(form: Locator, field: string): Locator {
  return byId(form, `parameter-input-${field}`).locator('input').first();
}

function onList(page: Page, words: string): Locator {
  return page
    .locator('.el-select-dropdown__item:visible')
    .getByText(words, { exact: true })
    .first();
}
