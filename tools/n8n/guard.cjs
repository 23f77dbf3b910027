// Loaded into n8n first (node --require). The process that started n8n holds the other end of a pipe and never
// writes to it. When that process ends, even when it is killed, the pipe ends and n8n stops. Otherwise a crashed
// test run or a closed terminal would leave an n8n behind that holds its port and its streams.
const variable = 'N8N_AUTOPLAY_GUARD_FD';
const descriptor = process.env[variable];
// n8n's own children inherit the environment and the --require flag, but not the pipe.
delete process.env[variable];

if (descriptor) {
  const { Socket } = require('node:net');
  const pipe = new Socket({ fd: Number(descriptor) });
  const patienceMs = 10_000;
  const outputs = [process.stdout, process.stderr];
  const ignore = () => {};
  pipe.on('error', ignore);
  for (const output of outputs) output.on('error', ignore);
  pipe.once('close', () => {
    // The log has no reader. n8n would log each failed write, which fails again, and be too busy to stop.
    for (const output of outputs) output.write = swallow;
    process.kill(process.pid, 'SIGTERM');
    setTimeout(() => process.kill(-process.pid, 'SIGKILL'), patienceMs).unref();
  });
  pipe.resume();
  pipe.unref();
}

function swallow(...written) {
  const done = written.at(-1);
  if (typeof done === 'function') process.nextTick(done);
  return true;
}
