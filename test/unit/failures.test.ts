import { createFailures, type Failure } from '../../core/failures';
import { createFakeClock } from '../support/fakeClock';

const MINUTE = 60_000;

function setUp() {
  const clock = createFakeClock();
  const failures = createFailures(clock);
  let executions = 0;
  const failure = (given: Partial<Failure> = {}): Failure => ({
    cause: 'token refused',
    subject: 'deliver s1',
    isLasting: true,
    isOfService: true,
    ...given,
  });
  /** Which of these failures one execution shows. */
  const failed = (...given: Array<Partial<Failure>>) =>
    failures.failed(String((executions += 1)), given.map(failure));
  return { clock, failures, failure, failed };
}

it('shows a cause once, however many sessions it fails for and however often', async () => {
  const { failed } = setUp();
  const all = Array.from({ length: 200 }, (_, i) => ({ subject: `deliver s${i}` }));
  expect(failed(...all)).toBe(0);
  expect([failed(...all), failed({}), failed({ subject: 'another' })]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

it('shows it again when an hour has passed, and then is quiet for another', async () => {
  const { clock, failed } = setUp();
  failed({});
  await clock.advance(60 * MINUTE - 1);
  expect(failed({})).toBeUndefined();
  await clock.advance(1);
  expect(failed({})).toBe(0);
  await clock.advance(59 * MINUTE);
  expect(failed({})).toBeUndefined();
});

it('shows it again at once when what failed has worked in between', () => {
  const { failures, failed } = setUp();
  failed({}, { subject: 'deliver s2' });
  failures.succeeded('deliver s2', true);
  expect([failed({}), failed({})]).toEqual([0, undefined]);
});

it('does not take the success of other work for a sign that it works again', () => {
  const { failures, failed } = setUp();
  failed({});
  failures.succeeded('deliver s2', true);
  // Nothing was left to do, so the service was not asked.
  failures.succeeded('deliver s1', false);
  expect(failed({})).toBeUndefined();
});

it('takes any success of the same work for one where no service failed', () => {
  const { failures, failed } = setUp();
  failed({ isOfService: false });
  failures.succeeded('deliver s1', false);
  expect(failed({ isOfService: false })).toBe(0);
});

it('shows what comes and goes by itself every ten minutes at most', async () => {
  const { clock, failures, failed } = setUp();
  const busy = { cause: 'overloaded', isLasting: false };
  failed(busy);
  failures.succeeded('deliver s1', true);
  await clock.advance(10 * MINUTE - 1);
  expect(failed(busy)).toBeUndefined();
  await clock.advance(1);
  failures.succeeded('deliver s1', true);
  expect(failed(busy)).toBe(0);
});

it('shows two causes that come together one after the other', () => {
  const { failed } = setUp();
  const both = [{}, { cause: 'disk full' }, {}];
  expect([failed(...both), failed(...both), failed(...both)]).toEqual([0, 1, undefined]);
});

it('shows a failure each time in the execution that showed it: n8n repeats a step that fails', async () => {
  const { clock, failures, failure, failed } = setUp();
  const repeat = () => failures.failed('execution', [failure()]);
  expect([repeat(), repeat(), repeat(), failed({})]).toEqual([0, 0, 0, undefined]);
  await clock.advance(59 * MINUTE);
  // It does not begin a new hour.
  repeat();
  await clock.advance(MINUTE);
  expect(failed({})).toBe(0);
});

it('shows it again when the clock was set back', () => {
  const { clock, failed } = setUp();
  failed({});
  clock.jump(-MINUTE);
  expect(failed({})).toBe(0);
});

it('keeps a bounded number of causes', () => {
  const { failed } = setUp();
  const shown = Array.from({ length: 101 }, (_, i) => failed({ cause: `cause ${i}` }));
  expect(shown.every((index) => index === 0)).toBe(true);
  expect([failed({ cause: 'cause 100' }), failed({ cause: 'cause 0' })]).toEqual([undefined, 0]);
});
