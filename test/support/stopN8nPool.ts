import type { N8nPool } from './n8nPool';

declare global {
  var testN8nPool: N8nPool | undefined;
}

export default async function stop(): Promise<void> {
  await globalThis.testN8nPool?.stop();
}
