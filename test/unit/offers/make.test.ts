import { StorageError } from '../../../core/memory/errors';
import type { Effect } from '../../../simulators/http/faults';
import { act } from '../../support/offers';
import { createOfferStage, PLACES, type OfferStage, type Place } from '../../support/offerStage';
import { ref } from '../../support/memory';

// With a real memory, over real HTTP to the simulators, in virtual time.

const LABELS = ['Show me', 'Take the tour', 'No, thanks'];
const SENDING: Record<Place, RegExp> = {
  intercom: /\/messages$/,
  'intercom linked': /\/reply$/,
  crisp: /\/message$/,
  'crisp linked': /\/message$/,
};

let stage: OfferStage;
afterEach(() => stage.close());

describe.each(PLACES)('an offer in %s', (place) => {
  beforeEach(async () => void (stage = await createOfferStage(place)));

  const make = async (worker = stage.worker(), request = stage.request()) =>
    await stage.over(worker.make(request));
  const fail = (effect: Effect, times = 1) =>
    stage.chat.faults.add({ match: { method: 'POST', path: SENDING[place] }, times, effect });
  const shownOnce = () => {
    const { texts, labels } = stage.chat.shown();
    expect(texts).toHaveLength(1);
    expect(labels).toEqual(LABELS);
    expect(stage.chat.violations()).toEqual([]);
  };
  const nothingShown = () => expect(stage.chat.shown()).toEqual({ texts: [], labels: [] });

  it('is made once for its moment, whoever asks again', async () => {
    const request = stage.request();
    const made = await make(undefined, request);
    expect(made).toMatchObject({ status: 'made' });
    const again = await make(undefined, { ...request, text: 'Other words' });
    expect(again).toMatchObject({ ...made, status: 'sent' });
    shownOnce();
  });

  it('links the session to its conversation, in which nobody has spoken yet', async () => {
    const made = await make();
    const chat = place.split(' ')[0]!;
    expect(await stage.memory.conversationOf(ref(), chat)).toBe(
      (made as { conversation_id?: string }).conversation_id,
    );
    const offer = await stage.memory.openOffer(ref(), chat);
    await stage.memory.withdrawOffer(offer!);
    const second = await make(undefined, stage.request({ text: 'Shall I show the plans?' }));
    // The one before is not a conversation, neither for the memory nor for the chat product.
    expect(second).toMatchObject({ status: 'made' });
  });

  it('is only counted where it is only observed', async () => {
    const request = stage.request({ observeOnly: true });
    expect(await make(undefined, request)).toMatchObject({ status: 'observed' });
    nothingShown();
  });

  it('is held back as soon as the visitor writes', async () => {
    stage.chat.visitorWrites();
    expect(await make()).toMatchObject({ status: 'held_back' });
    nothingShown();
  });

  it('is held back for good by what the chat product says', async () => {
    stage.chat.visitorWrites();
    await stage.clock.advance(30_000);
    const request = stage.request();
    const reason = 'conversation_open';
    expect(await make(undefined, request)).toMatchObject({ status: 'held_back', reason });
    expect(await make(undefined, request)).toMatchObject({ status: 'held_back', reason });
    nothingShown();
  });

  it('is held back by what the visitor did a moment ago', async () => {
    const worker = stage.worker(async (name) => {
      if (name === 'before confirmOffer') {
        await act(stage.memory, 's', { user_id: '70' }, { canonical_url: '/checkout' });
      }
    });
    expect(await make(worker)).toMatchObject({ status: 'held_back', reason: 'moved_on' });
    nothingShown();
  });

  it('is made by one of two workers', async () => {
    const request = stage.request();
    const both = [stage.worker(), stage.worker()].map((worker) => worker.make(request));
    const statuses = (await stage.over(Promise.all(both))).map(({ status }) => status);
    expect(statuses.sort()).toEqual(['busy', 'made']);
    shownOnce();
  });

  it('is left to the worker that has taken it over', async () => {
    const request = stage.request();
    const slow = stage.worker();
    const first = slow.make(request);
    slow.process.standStill(60_000);
    await stage.clock.advance(50_000);
    expect(await make(undefined, request)).toMatchObject({ status: 'made' });
    expect(await stage.over(first)).toMatchObject({ status: 'busy' });
    shownOnce();
  });

  it.each<Effect>([{ kind: 'reset-after' }, { kind: 'cut-after' }, { kind: '500-after' }])(
    'is made once where the answer is lost by $kind',
    async (effect) => {
      fail(effect);
      expect(await make()).toMatchObject({ status: 'made' });
      shownOnce();
    },
  );

  it.each<Effect>([{ kind: 'reset-before' }, { kind: 'page' }, { kind: 'status', status: 503 }])(
    'is made later where the request is lost by $kind, if that can be known',
    async (effect) => {
      fail(effect);
      const making = make();
      if (place !== 'intercom') {
        expect(await making).toMatchObject({ status: 'made' });
        shownOnce();
        return;
      }
      await expect(making).rejects.toThrow('does not show whether the offer was sent');
      nothingShown();
    },
  );

  it('is released after a refusal, and made by the next call', async () => {
    fail({ kind: 'status', status: 403, code: 'not_allowed' });
    const request = stage.request();
    await expect(make(undefined, request)).rejects.toMatchObject({ status: 403 });
    expect(await make(undefined, request)).toMatchObject({ status: 'made' });
    shownOnce();
  });

  it('asks the chat product again after a long wait for its turn', async () => {
    fail({ kind: 'status', status: 429, retryAfter: 30 });
    const making = stage.worker().make(stage.request());
    await stage.clock.advance(10_000);
    stage.chat.visitorWrites();
    expect(await stage.over(making)).toMatchObject({
      reason: expect.stringMatching(/^conversation_/) as string,
    });
    nothingShown();
  });

  it.each(['commitOffer', 'advanceOffer', 'link'])(
    'is made once although the memory fails at %s',
    async (method) => {
      let failures = 2;
      const worker = stage.worker(async (name) => {
        if (name === `before ${method}` && failures-- > 0) {
          throw new StorageError('The disk is full', '');
        }
      });
      expect(await make(worker)).toMatchObject({ status: 'made' });
      shownOnce();
    },
  );
});

it.each(PLACES.filter((place) => place !== 'intercom'))(
  'an offer in %s that only the last attempt has sent is found and written down',
  async (place) => {
    stage = await createOfferStage(place);
    const match = { method: 'POST', path: SENDING[place] };
    stage.chat.faults.add({ match, times: 2, effect: { kind: 'reset-before' } });
    stage.chat.faults.add({ match, effect: { kind: 'reset-after' } });
    const making = await stage.over(stage.worker().make(stage.request()));
    expect(making).toMatchObject({ status: 'made' });
    expect(stage.chat.shown()).toMatchObject({ texts: { length: 1 }, labels: LABELS });
  },
);

describe('choices in Intercom', () => {
  beforeEach(async () => void (stage = await createOfferStage('intercom')));

  it.each<Effect>([{ kind: 'reset-after' }, { kind: 'reset-before' }])(
    'follow their message once, also after $kind',
    async (effect) => {
      stage.chat.faults.add({ match: { path: /reply$/ }, effect });
      expect(await stage.over(stage.worker().make(stage.request()))).toMatchObject({
        status: 'made',
      });
      expect(stage.chat.shown().labels).toEqual(LABELS);
    },
  );

  it('follow later, when they are refused at first', async () => {
    const effect = { kind: 'status' as const, status: 403 };
    stage.chat.faults.add({ match: { path: /reply$/ }, effect });
    const request = stage.request();
    await expect(stage.over(stage.worker().make(request))).rejects.toMatchObject({ status: 403 });
    expect(stage.chat.shown().labels).toEqual([]);
    // Nobody is asked any more: the text is there.
    stage.chat.visitorWrites();
    expect(await stage.over(stage.worker().make(request))).toMatchObject({ status: 'made' });
    expect(stage.chat.shown()).toMatchObject({ texts: { length: 1 }, labels: LABELS });
  });
});
