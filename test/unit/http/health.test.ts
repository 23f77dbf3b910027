import { createHealth, reporting } from '../../../core/http/health';
import type { Send } from '../../../core/http/service';
import { createFakeClock } from '../../support/fakeClock';

const GET = { method: 'GET' as const, url: 'https://chat.example' };

function setUp() {
  const clock = createFakeClock();
  const health = createHealth(clock);
  const fail = (times: number) => {
    for (let i = 0; i < times; i++) health.unanswered();
  };
  return { clock, health, fail };
}

it('counts a service as away after ten calls in a row without an answer', () => {
  const { health, fail } = setUp();
  fail(9);
  health.answered();
  fail(9);
  expect([health.isAway(), health.mayTry()]).toEqual([false, true]);
  fail(1);
  expect([health.isAway(), health.mayTry()]).toEqual([true, false]);
});

it('lets one caller try every five seconds while the service is away', async () => {
  const { clock, health, fail } = setUp();
  fail(10);
  for (let i = 0; i < 3; i++) {
    await clock.advance(4_999);
    expect(health.mayTry()).toBe(false);
    await clock.advance(1);
    expect([health.mayTry(), health.mayTry()]).toEqual([true, false]);
    fail(1);
  }
});

it('lets no caller try while another call to an absent service is under way', async () => {
  const { clock, health, fail } = setUp();
  fail(10);
  const { promise, reject } = Promise.withResolvers<never>();
  const trying = reporting(async () => await promise, health)(GET);
  await clock.advance(20_000);
  expect(health.mayTry()).toBe(false);
  reject(new TypeError('no answer within 20 s'));
  await expect(trying).rejects.toThrow('no answer');
  expect([health.mayTry(), health.mayTry()]).toEqual([true, false]);
});

it('counts a service as back with the first answer', () => {
  const { health, fail } = setUp();
  fail(50);
  health.answered();
  expect([health.isAway(), health.mayTry()]).toEqual([false, true]);
});

it('learns the outcome of each request that reporting() sends', async () => {
  const { health, fail } = setUp();
  const answer =
    (status: number): Send =>
    async () => ({ status, headers: {}, body: '' });
  fail(9);
  await reporting(answer(429), health)(GET);
  fail(9);
  expect(health.isAway()).toBe(false);
  await reporting(answer(503), health)(GET);
  expect(health.isAway()).toBe(true);
  await reporting(answer(200), health)(GET);
  expect(health.isAway()).toBe(false);
  fail(9);
  const lost = reporting(async () => await Promise.reject(new TypeError('reset')), health)(GET);
  await expect(lost).rejects.toThrow('reset');
  expect(health.isAway()).toBe(true);
});
