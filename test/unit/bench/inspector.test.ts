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

let child: ChildProcess | undefined;
afterEach(() => child?.kill('SIGKILL'));

it('the inspector profiles another process and measures its heap', async () => {
  const port = await freePort();
  child = spawn(process.execPath, [`--inspect-port=${port}`, '-e', BUSY], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(child.stdout!, 'data');
  const inspector = await inspect(child.pid!, port);
  try {
    const end = await inspector.profile();
    expect(await inspector.heldBytes()).toBeGreaterThan(1e6);
    const categories = sharesOf(await end()).map(([category]) => category);
    expect(categories).toContain('JSON, copies of data');
  } finally {
    inspector.close();
  }
});
