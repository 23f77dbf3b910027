import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { demo } from '../../simulators';
import { eventually } from '../support/eventually';
import { createWorld, THRESHOLD, type World } from '../support/world';

/** Long enough for a test to act while something waits. */
const QUIET_MS = 1_500;

describe('n8n', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({
      own: true,
      change({ nodes }) {
        const stream = nodes.find(({ name }) => name === 'Autoplay Stream');
        Object.assign(stream?.parameters ?? {}, { options: { quietPeriod: QUIET_MS } });
      },
    });
  });
  afterAll(() => world?.stop());

  it('goes on with what was remembered after a restart', async () => {
    const visitor = await world.linkedVisitor();
    visitor.act('before the restart');
    await eventually(() => visitor.told().length === 2);
    await world.restart();
    await eventually(() => world.connector.stats(demo.productId).subscribers > 0);
    visitor.act('after the restart');
    await eventually(() => visitor.told().length === 3);
    visitor.act(...Array.from({ length: THRESHOLD - 3 }, (_, i) => `more ${i}`));
    await visitor.summedUp();
  });

  it('loses nothing that waits when it is stopped', async () => {
    const visitor = await world.linkedVisitor();
    visitor.act('a moment before the stop');
    // n8n answers this after it has received the action, which is not due yet.
    await world.executions();
    await world.restart();
    // At once, or, when its execution was cut short, once what that had claimed lapses.
    await eventually(() => visitor.told().length === 2);
    expect(visitor.told().flat()).toEqual(['came', 'a moment before the stop']);
  });

  it('killed in the middle of posting, finds out afterwards whether the note landed', async () => {
    const landed = await world.linkedVisitor();
    const lost = await world.linkedVisitor();
    const hang = (id: string, kind: 'hang' | 'hang-after') =>
      world.intercom.faults.add({
        match: ({ path }) => path === `/conversations/${id}/reply`,
        effect: { kind },
      });
    hang(landed.conversationId, 'hang-after');
    hang(lost.conversationId, 'hang');
    landed.act('one');
    lost.act('one');
    const conversations = [landed, lost].map(({ conversationId }) => conversationId);
    // No answer was sent to either.
    const hanging = () =>
      world.intercom.journal.requests.filter(
        ({ path, status }) => status === 0 && conversations.some((id) => path.includes(id)),
      );
    await eventually(() => hanging().length === 2);
    await world.restart({ kill: true });
    await eventually(() => world.connector.stats(demo.productId).subscribers > 0);
    // By itself: neither visitor does anything more.
    await eventually(() => lost.everTold().flat().length === 2);
    await world.idle();
    expect([landed.everTold().flat(), lost.everTold().flat()]).toEqual([
      ['came', 'one'],
      ['came', 'one'],
    ]);
  });
});

describe('the memory’s file', () => {
  let world: World;
  let file: string;
  beforeAll(async () => {
    world = await createWorld({ own: true });
    file = join(world.userFolder, '.n8n/autoplay/memory.sqlite');
  });
  afterAll(() => world?.stop());

  const failures = async () => {
    const failed = await world.executions(['error']);
    const all = await Promise.all(failed.map(({ id }) => world.rest.execution(id)));
    return all.map(({ data }) => String(data.resultData.error?.message));
  };

  it('locked by another process keeps what visitors do waiting, and n8n answering', async () => {
    const visitor = await world.linkedVisitor();
    const other = new DatabaseSync(file, { timeout: 60_000 });
    other.exec('begin immediate');
    try {
      visitor.act('meanwhile');
      await eventually(async () => (await failures()).some((said) => /is locked/.test(said)));
      // The lock is held until this is answered.
      expect((await fetch(`${world.n8n.url}/healthz`)).ok).toBe(true);
      expect(visitor.told()).toEqual([['came']]);
    } finally {
      other.exec('commit');
      other.close();
    }
    // By itself: nobody does anything more.
    await eventually(() => visitor.told().length === 2);
    expect(visitor.told()).toEqual([['came'], ['meanwhile']]);
  });

  it('damaged while n8n runs is set aside for a new one, visibly, and work goes on', async () => {
    const before = await world.linkedVisitor();
    writeFileSync(`${file}.garbage`, 'This is no database.\n'.repeat(500));
    for (const part of ['-wal', '-shm']) rmSync(file + part, { force: true });
    renameSync(`${file}.garbage`, file);
    const after = await world.linkedVisitor();
    after.act('in the new one');
    await eventually(() => after.told().length === 2);
    expect(readdirSync(dirname(file)).filter((name) => /corrupt/.test(name))).toHaveLength(1);
    expect(existsSync(file)).toBe(true);
    await eventually(async () => (await failures()).some((said) => /was damaged/.test(said)));
    // Whoever was known before is linked anew when they write again.
    before.act('again');
    before.write('Hello again');
    await eventually(() => before.everTold().flat().includes('again'));
    expect(before.everTold().flat()).toEqual(['came', 'again']);
  });
});
