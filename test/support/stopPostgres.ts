import type { TestPostgres } from '../../tools/servers/postgres';

declare global {
  var testPostgres: TestPostgres | undefined;
}

export default async function stop(): Promise<void> {
  await globalThis.testPostgres?.stop();
}
