import { Crisp } from 'crisp-api';
import { IntercomClient } from 'intercom-client';
import { createCrispSimulator, type CrispSimulator } from '../../../simulators/crisp';
import { createIntercomSimulator, type IntercomSimulator } from '../../../simulators/intercom';
import { answerOffers } from '../../../simulators/offerAnswers';
import { createRandom } from '../../../simulators/random';
import { manualClock } from './support';

const websiteId = '5c3b7a3e-1c52-4d0c-9f6b-2a4d8e0f7b11';
const people = Array.from({ length: 60 }, (_, i) => ({ id: String(i), name: `Visitor ${i}` }));
let clock: ReturnType<typeof manualClock>;
let crisp: CrispSimulator;
let intercom: IntercomSimulator;
let stop: () => void;
/** Those whom a user of the demo controls, and those who have left. */
let controlled: string[];
let away: string[];

beforeEach(() => {
  clock = manualClock();
  [controlled, away] = [[], []];
  const tokens = [{ tier: 'website', identifier: 'site', key: 'key' }] as const;
  crisp = createCrispSimulator({ websiteId, tokens, clock });
  intercom = createIntercomSimulator({ accessToken: 't', clock });
  const crowd = {
    people,
    isActive: (id: string) => !controlled.includes(id),
    isHere: (id: string) => !away.includes(id),
  };
  stop = answerOffers({ crisp, intercom, crowd, clock, random: createRandom(4) });
});
afterEach(async () => {
  stop();
  await Promise.all([crisp.close(), intercom.close()]);
});

/** Offers help in Crisp with the choices `yes`, `person` and `no`; returns what became of it later. */
async function offeredInCrisp() {
  const client = new Crisp();
  client.setRestHost((await crisp.listen()).url);
  client.authenticateTier('website', 'site', 'key');
  return async (id: string) => {
    const { session_id } = crisp.visitorArrives({ data: { posthog_distinct_id: id } });
    const choices = ['yes', 'person', 'no'].map((value) => ({
      ...{ value, label: value, selected: false },
    }));
    const content = { id: 'offer', text: 'Need a hand?', choices };
    const picker = { type: 'picker', from: 'operator', origin: 'chat', content } as const;
    await client.website.sendMessageInConversation(websiteId, session_id, picker);
    return () => {
      const [offer, ...more] = crisp.conversation(session_id).messages;
      const shown = (offer!.content as typeof content).choices;
      return shown.find(({ selected }) => selected)?.value ?? (more.length > 0 ? 'words' : 'none');
    };
  };
}

it('those who act alone take an offer, decline it, write or do nothing, each at their own time', async () => {
  const offer = await offeredInCrisp();
  const all = await Promise.all(people.map(({ id }) => offer(id)));
  const counts = () => Map.groupBy(all, (what) => what());
  expect([...counts().keys()]).toEqual(['none']);
  clock.advance(10_000);
  expect(counts().get('none')!.length).toBeGreaterThan(30);
  clock.advance(10_000);
  const ended = counts();
  expect([...ended.keys()].sort()).toEqual(['no', 'none', 'words', 'yes']);
  expect(ended.get('yes')!.length).toBeGreaterThan(ended.get('no')!.length);
  expect(ended.get('none')!.length).toBeGreaterThan(10);
});

it('nobody answers for a visitor whom the user controls, who has left, or who is not of the demo', async () => {
  const offer = await offeredInCrisp();
  const all = [];
  controlled = people.slice(0, 20).map(({ id }) => id);
  away = people.slice(20, 40).map(({ id }) => id);
  for (const id of [...controlled, ...away, 'other']) all.push(await offer(id));
  clock.advance(60_000);
  expect(new Set(all.map((what) => what()))).toEqual(new Set(['none']));
});

it('in Intercom, they tap quick replies', async () => {
  const { url } = await intercom.listen();
  const client = new IntercomClient({ token: 't', environment: url, maxRetries: 0 });
  const ids = people.slice(0, 20).map(({ id }) => {
    return intercom.visitorStarts({ external_id: id, text: 'Hi' }).id;
  });
  for (const conversation_id of ids) {
    await client.conversations.reply({
      conversation_id,
      body: {
        ...{ message_type: 'quick_reply', type: 'admin', admin_id: '9912674' },
        reply_options: ['yes', 'no'].map((text) => ({ text, uuid: `uuid of ${text}` })),
      },
    });
  }
  clock.advance(20_000);
  const tapped = ids.flatMap((id) => intercom.conversation(id).parts.map((part) => part.tapped));
  expect(new Set(tapped.filter(Boolean))).toEqual(new Set(['uuid of yes', 'uuid of no']));
});
