import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { inspect } from '../../../bench/measure/inspector';
import { sharesOf } from '../../../bench/measure/profile';
import { freePort } from '../../../tools/n8n';

/** Walks through JSON most of the time, and says when it has begun to. */
const BUSY = `
  function jsonParse() { for (let i = 0; i < 20; i += 1) JSON.parse(text); }
  const text = JSON.stringify(Array.from({ length: 1000 }, (_, i) => ({ i })));
  setInterval(() => { jsonParse(); }, 1);
  console.log('ready');
`;

const children: ChildProcess[] = [];
afterEach(() => children.splice(0).forEach((child) => child.kill('SIGKILL')));

async function startBusy(port: number): Promise<number> {
  const child = spawn(process.execPath, [`--inspect-port=${port}`, '-e', BUSY], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(child);
  await once(child.stdout, 'data');
  return child.pid!;
}

it('the inspector profiles another process and measures its heap', async () => {
  const port = await freePort();
  const inspector = await inspect(await startBusy(port), port);
  try {
    const end = await inspector.profile();
    expect(await inspector.heldBytes()).toBeGreaterThan(1e6);
    const categories = sharesOf(await end()).map(([category]) => category);
    expect(categories).toContain('JSON, copies of data');
  } finally {
    await inspector.close();
  }
});

it('the inspector can be closed, then opened in another process with the same port, and again in the first', async () => {
  const port = await freePort();
  const [first, second] = [await startBusy(port), await startBusy(port)];
  for (const pid of [first, second, first]) {
    const inspector = await inspect(pid, port);
    const end = await inspector.profile();
    await end();
    await inspector.close();
  }
});
