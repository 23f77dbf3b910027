import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { handOutActivity } from '../../../core/delivery/handOut';
import { LEASE_MS } from '../../../core/delivery/lease';
import type { NoteFormat } from '../../../core/text/noteFormat';
import { createFlow, type Flow } from '../../support/flow';
import { action } from '../../support/memory';

const folder = mkdtempSync(join(tmpdir(), 'autoplay-format-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let flow: Flow;
let files = 0;
beforeEach(async () => {
  flow = await createFlow({ file: join(folder, `${++files}.sqlite`) });
});
afterEach(() => flow.close());

const PARIS: NoteFormat = { kind: 'readable', timeZone: 'Europe/Paris' };
const NEW_YORK: NoteFormat = { kind: 'readable', timeZone: 'America/New_York' };
const template = (text: string): NoteFormat => ({
  kind: 'template',
  timeZone: 'UTC',
  template: text,
});

async function act(...described: string[]): Promise<void> {
  const actions = described.map((one) => action(one, { canonical_url: '/pricing' }));
  await flow.remember('s', actions, { user_id: '70', email: 'Ada@x.example' });
}
async function linked(...described: string[]): Promise<void> {
  await act(...described);
  await flow.link({ user_id: '70' });
}
const standing = () => flow.chat.standing('c1');

it('a note has the format that its step names, and so has the summary that replaces it', async () => {
  flow.useFormat(PARIS);
  await linked('a', 'b');
  await flow.deliver('s');
  expect(standing()).toEqual([
    '23:13 · a · /pricing\n23:13 · b · /pricing\n\nsession_id: s · 2023-11-14 23:13:20 UTC+01:00',
  ]);
  await flow.summarize('s', 2);
  flow.useFormat(template('{email}: {summary}'));
  expect(await flow.replace('s')).toMatchObject({ redacted: 1 });
  expect(standing()).toEqual([
    expect.stringMatching(
      /^ada@x\.example: Summary 1\.\n\nsession_id: s · 2023-11-14 22:13:\d\d UTC$/,
    ),
  ]);
});

it('notes of every format are redacted by a summary of any other', async () => {
  await linked('a');
  for (const format of [undefined, PARIS, template('{actions}')]) {
    flow.useFormat(format);
    await act('more');
    await flow.deliver('s');
  }
  expect(standing()).toHaveLength(3);
  flow.useFormat(undefined);
  await flow.summarize('s', 1);
  expect(await flow.replace('s')).toMatchObject({ redacted: 3 });
  expect(standing()).toEqual([expect.stringContaining('Summary 1.')]);
});

describe('a format that changes between two attempts', () => {
  it.each([['lost after'], ['lost before'], ['late']] as const)(
    'neither doubles nor loses a note whose answer was %s',
    async (fate) => {
      flow.useFormat(PARIS);
      await linked('a');
      flow.chat.fates.push(fate, 'lost before', 'lost before');
      await flow.deliver('s').catch(() => {});
      flow.useFormat(NEW_YORK);
      await flow.clock.advance(60_000);
      await act('b');
      await flow.deliver('s');
      await flow.deliver('s');
      const texts = standing();
      expect(texts.map((text) => text.split(' · ')[1])).toEqual(['a', 'b']);
      // The first one as it was composed, because it was looked for by its text.
      expect(texts.map((text) => text.slice(0, 2))).toEqual(['23', '17']);
    },
  );

  it.each(['crash before', 'crash after'] as const)(
    'neither doubles nor loses a note at whose posting the process died (%s)',
    async (fate) => {
      flow.useFormat(template('{actions}'));
      await linked('a');
      flow.chat.fates.push(fate);
      void flow.start('deliver', 's').catch(() => {});
      await flow.clock.advance(1_000);
      await flow.restart();
      flow.useFormat(undefined);
      await flow.clock.advance(LEASE_MS + 1_000);
      await flow.deliver('s');
      await act('b');
      await flow.deliver('s');
      expect(standing()).toEqual([
        expect.stringMatching(/^22:13 · a · \/pricing\n\nsession_id: s · /),
        expect.stringMatching(/^session_id: s\n[^\n]*\n\n\[1\] b$/),
      ]);
    },
  );

  it('is used at once where the note was certainly not posted', async () => {
    flow.useFormat(PARIS);
    await linked('a');
    flow.chat.fates.push('refused');
    await flow.deliver('s').catch(() => {});
    flow.useFormat(undefined);
    await flow.clock.advance(60_000);
    await flow.deliver('s');
    expect(standing()).toEqual([expect.stringMatching(/^session_id: s\n/)]);
  });

  it('does not double a summary', async () => {
    await linked('a');
    await flow.deliver('s');
    await flow.summarize('s', 1);
    flow.useFormat(template('Sum: {summary}'));
    flow.chat.fates.push('crash after');
    void flow.start('replace', 's').catch(() => {});
    await flow.clock.advance(1_000);
    await flow.restart();
    flow.useFormat(PARIS);
    await flow.clock.advance(LEASE_MS + 1_000);
    await flow.replace('s', true);
    expect(standing()).toEqual([expect.stringMatching(/^Sum: Summary 1\./)]);
  });
});

it('a note that is handed out keeps its text until its outcome is reported', async () => {
  await linked('a');
  const claim = async (format: NoteFormat | undefined) => {
    const parts = { memory: flow.memory(), clock: flow.clock };
    const condition = { linkWindowMs: 120_000, leaseMs: LEASE_MS, format };
    const work = handOutActivity(parts, flow.ref('s'), 'intercom', condition);
    const outcome = await flow.run(work);
    if (outcome.status !== 'claimed') throw new Error(outcome.status);
    return outcome;
  };
  const first = await claim(PARIS);
  expect(first.text).toMatch(/^23:13 · a · \/pricing\n/);
  await flow.clock.advance(LEASE_MS + 1_000);
  expect(await claim(undefined)).toMatchObject({ text: first.text, triedBefore: true });
});

it('a long note by a template is cut as any other', async () => {
  flow.useFormat(template(`${'x'.repeat(1_000)}{actions}`));
  await linked(...Array.from({ length: 60 }, (_, i) => `${i} ${'y'.repeat(450)}`));
  await flow.deliver('s');
  const texts = standing();
  expect(texts.length).toBeGreaterThan(1);
  expect(Math.max(...texts.map(({ length }) => length))).toBeLessThanOrEqual(20_000);
  expect(texts.join('\n').match(/\d+ y{450}/g)).toHaveLength(60);
});
