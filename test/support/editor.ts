import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { byId as byTestId } from './panels';

/** What somebody does in n8n's editor who has a workflow file. */
export function createEditor(page: Page) {
  const all = (id: string): Locator => byTestId(page, id);
  const byId = (id: string): Locator => all(id).first();

  return {
    page,
    /** Workflow menu → Import → From file, into a new workflow. */
    async importFile(name: string): Promise<void> {
      await page.goto('/workflow/new');
      await byId('canvas-add-button').waitFor();
      await byId('workflow-menu').click();
      await page.getByText('Import', { exact: true }).first().hover();
      const chooser = page.waitForEvent('filechooser');
      await byId('workflow-menu-item-import-from-file').click();
      await (await chooser).setFiles(join(__dirname, `../../workflows/${name}.json`));
      await byId('sticky').waitFor();
    },
    /** The workflow's id, once it is saved. */
    async workflowId(): Promise<string> {
      await page.waitForURL(
        ({ pathname, search }) => /^\/workflow\/\w{16}$/.test(pathname) && search === '',
      );
      return new URL(page.url()).pathname.split('/').at(-1)!;
    },
    /** How large everything is after “zoom to fit”; 1 is full size. */
    async zoomToFit(): Promise<number> {
      await byId('zoom-to-fit').click();
      const pane = page.locator('.vue-flow__transformationpane');
      let before = '';
      // It is moved by an animation.
      for (;;) {
        const now = (await pane.getAttribute('style')) ?? '';
        if (now === before) return Number(/scale\(([\d.]+)\)/.exec(now)?.[1]);
        before = now;
        await page.waitForTimeout(200);
      }
    },
    /** The names of the steps on the canvas. */
    async steps(): Promise<string[]> {
      const nodes = await all('canvas-node').all();
      const names = await Promise.all(nodes.map((node) => node.getAttribute('data-node-name')));
      return names.map(String);
    },
    /** How many lines between steps are drawn. */
    connections: async (): Promise<number> => await page.locator('.vue-flow__edge').count(),
    /** Everything on the canvas that is not, or not wholly, on the screen. */
    async cutOff(): Promise<string[]> {
      const canvas = (await byId('canvas').boundingBox())!;
      const cut: string[] = [];
      for (const one of await page.locator('.vue-flow__node').all()) {
        const box = (await one.boundingBox())!;
        const isInside =
          box.x >= canvas.x &&
          box.y >= canvas.y &&
          box.x + box.width <= canvas.x + canvas.width &&
          box.y + box.height <= canvas.y + canvas.height;
        if (!isInside) cut.push((await one.innerText()).slice(0, 40));
      }
      return cut;
    },
    /** The names of the steps with a warning sign. */
    async flagged(): Promise<string[]> {
      const nodes = await all('canvas-node')
        .filter({ has: all('node-issues') })
        .all();
      const names = await Promise.all(nodes.map((node) => node.getAttribute('data-node-name')));
      return names.map(String);
    },
    /** What n8n says in a corner or in a dialog. */
    messages: async (): Promise<string[]> =>
      await page.locator('.el-notification:visible, [role=dialog]:visible').allInnerTexts(),
    /** The button Publish, and the one in its dialog; resolves when n8n shows the workflow as published. */
    async publish(): Promise<void> {
      const button = byId('workflow-publish-button');
      const published = page.getByText('Published', { exact: true }).first();
      for (let tries = 1; ; tries++) {
        if (!(await button.isVisible())) await byId('workflow-open-publish-modal-button').click();
        await button.click();
        try {
          await published.waitFor({ timeout: 30_000 });
          return;
        } catch (error) {
          // A busy n8n may have refused it for a moment.
          if (tries === 5) throw error;
        }
      }
    },
    /** Asks in the editor's chat; resolves to the answer. */
    async ask(question: string): Promise<string> {
      const chat = byId('canvas-chat');
      const input = chat.locator('textarea');
      if (!(await input.isVisible())) await byId('workflow-chat-button').click();
      const answers = chat.locator('.chat-message-from-bot:not(.chat-message-typing)');
      const before = await answers.count();
      await input.fill(question);
      await input.press('Enter');
      await answers.nth(before).waitFor();
      return await answers.nth(before).innerText();
    },
  };
}

export type Editor = ReturnType<typeof createEditor>;
