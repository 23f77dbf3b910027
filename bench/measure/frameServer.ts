import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { runsTypeScript } from './runsTypeScript';

export interface FrameServer {
  /** The stream of as many frames with as many actions each; the same bytes every time. */
  url(frames: number, actionsPerFrame: number): string;
  stop(): Promise<void>;
}

/** How many sessions take turns in the frames. */
export const SESSIONS = 30_000;

/** Starts a server of frames in a process of its own, so that sending takes nothing from reading. */
export async function startFrameServer(): Promise<FrameServer> {
  const child = fork(join(__dirname, 'frameServerProcess.ts'), {
    execArgv: runsTypeScript,
  });
  const gone = once(child, 'exit');
  const port = await Promise.race([
    once(child, 'message').then(([message]) => Number(message)),
    gone.then(() => Promise.reject(new Error('The server of frames could not be started'))),
  ]);
  return {
    url: (frames, actionsPerFrame) =>
      `http://127.0.0.1:${port}/stream/shop?frames=${frames}&actions=${actionsPerFrame}`,
    async stop() {
      child.disconnect();
      await gone;
    },
  };
}
