import { startPostgres } from '../../tools/servers/postgres';

/** One server for all test files of a run; each makes databases of its own in it. */
export default async function start(): Promise<void> {
  const server = await startPostgres();
  globalThis.testPostgres = server;
  // Test files run in other processes, which inherit this.
  process.env.AUTOPLAY_TEST_POSTGRES = JSON.stringify(server.address);
}
