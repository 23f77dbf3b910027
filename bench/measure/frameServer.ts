import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { runsTypeScript } from './runsTypeScript';

interface FrameServer {
  /** The URL of a stream with this many frames of this many actions; the bytes are always the same. */
  url(frames: number, actionsPerFrame: number): string;
  /** A PostHog whose live stream has this many frames; the bytes are always the same. */
  posthog(frames: number): { baseUrl: string; liveUrl: string };
  stop(): Promise<void>;
}

/** The number of sessions that take turns in the frames. */
export const SESSIONS = 30_000;

/** Starts a server of frames in its own process, so that sending takes no CPU from reading. */
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
    posthog(frames) {
      const baseUrl = `http://127.0.0.1:${port}`;
      return { baseUrl, liveUrl: `${baseUrl}/posthog/${frames}` };
    },
    async stop() {
      child.disconnect();
      await gone;
    },
  };
}
