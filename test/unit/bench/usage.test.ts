import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { watchParts } from '../../../bench/measure/usage';

/** The CPU time that a process takes before it reports, in milliseconds. */
const WORK_MS = 300;
/** What the kernel counts of that at least; it counts in ticks of 10 ms. */
const COUNTED_MS = 250;
const WORK = `
  setInterval(() => {}, 1_000);
  process.once('message', () => {
    while (process.cpuUsage().user < ${WORK_MS * 1_000});
    process.send('done');
  });
`;
/** Starts a process that works, and reports once that has ended. */
const PARENT = `
  const { spawn } = require('node:child_process');
  process.once('message', () => {
    const child = spawn(process.execPath, ['-e', ${JSON.stringify(WORK)}], { stdio: [0, 1, 2, 'ipc'] });
    child.send('begin');
    child.once('message', () => child.kill());
    child.once('exit', () => process.send('done'));
  });
  setInterval(() => {}, 1_000);
`;

const children: ChildProcess[] = [];
afterEach(() => children.splice(0).forEach((child) => child.kill('SIGKILL')));

function start(code: string): ChildProcess {
  const child = spawn(process.execPath, ['-e', code], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  children.push(child);
  return child;
}

it('the usage of a part includes all its processes, and children that began and ended meanwhile', async () => {
  const [worker, parent] = [start(WORK), start(PARENT)];
  const used = watchParts({
    both: [worker.pid!, parent.pid!],
    parent: [parent.pid!],
    none: [],
  });
  for (const busy of [worker, parent]) {
    busy.send('begin');
    await once(busy, 'message');
  }
  const [both, ofParent, none] = used();
  expect(ofParent!.cpuMs).toBeGreaterThan(COUNTED_MS);
  expect(both!.cpuMs).toBeGreaterThan(ofParent!.cpuMs + COUNTED_MS);
  expect(both!.mainThreadsMs[0]).toBeGreaterThan(COUNTED_MS);
  expect(none).toEqual({ name: 'none', cpuMs: 0, mainThreadsMs: [] });
});
