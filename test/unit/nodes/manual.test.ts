import { NodeOperationError } from 'n8n-workflow';
import { connectorSource, TEST_ADVICE } from '../../../nodes/AutoplayStreamTrigger/connector';
import { DEFAULTS } from '../../../nodes/AutoplayStreamTrigger/options';
import { listenOnce } from '../../../nodes/shared/batching/manual';
import { createFakeClock } from '../../support/fakeClock';

const node = { name: 'Stream', parameters: {} } as never;

/** A test in the editor on a stream that is open and silent. */
function test() {
  const clock = createFakeClock();
  const errors: Error[] = [];
  const closed: unknown[] = [];
  const fetch = (_url: unknown, init?: RequestInit) => {
    const body = new ReadableStream({ cancel: (reason) => void closed.push(reason) });
    init?.signal?.addEventListener('abort', () => closed.push('aborted'));
    return Promise.resolve(
      new Response(body, { headers: { 'content-type': 'text/event-stream' } }),
    );
  };
  const logger = { info() {}, warn() {}, error() {}, debug() {} };
  const settings = {
    url: 'https://connector.example/stream/shop',
    token: 'uk_live_1',
    productId: 'shop',
    remembersSessions: false,
    executionTimeout: 0,
    filter: { types: [], pages: [], emails: [], users: [], onlyIdentified: false },
    // Longer than the test waits: the watchdog is not what is looked at.
    options: { ...DEFAULTS, silenceBeforeReconnecting: 1_000 },
  };
  const parts = { settings, clock, logger };
  const random = () => 0.5;
  const response = listenOnce(
    { emit() {}, emitError: (error) => void errors.push(error) },
    {
      ...parts,
      ...TEST_ADVICE,
      name: 'Stream',
      open: connectorSource({ ...parts, fetch, random }),
    },
    ({ message, advice }) => new NodeOperationError(node, message, { description: advice }),
  );
  return { clock, errors, closed, response };
}

it('says after two minutes that nothing came, and what to look at', async () => {
  const { clock, errors, closed, response } = test();
  await response.manualTriggerFunction?.();
  await clock.advance(119_000);
  expect(errors).toEqual([]);
  await clock.advance(1_000);
  expect(errors).toMatchObject([
    {
      message: 'No activity came within 2 minutes.',
      description: expect.stringContaining('posthog.identify'),
    },
  ]);
  expect(closed).not.toEqual([]);
  await clock.advance(600_000);
  expect(errors.length).toBe(1);
});

it('says nothing of it once the test is closed', async () => {
  const { clock, errors, response } = test();
  await response.manualTriggerFunction?.();
  await response.closeFunction?.();
  await clock.advance(600_000);
  expect(errors).toEqual([]);
});
