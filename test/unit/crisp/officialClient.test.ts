import { Crisp } from 'crisp-api';
import { createCrispApi } from '../../../core/crisp/api';
import { createPace } from '../../../core/http/pace';
import { startRecorder } from '../../support/recorder';
import { createImpatientClock, sendWith } from '../../support/service';

// Our requests beside those of Crisp's own client, for the calls that offers need.

const websiteId = '5e1a6a3c-8d0e-4f4b-9c55-3d2a1c7b9e10';
const ID = 'session_700c65e1-85e2-465a-b9ac-ecb5ec2c9881';
const FINGERPRINT = 176_722_560_012_345;

async function clients() {
  const recorder = await startRecorder(({ path }) => ({
    error: false,
    reason: 'resolved',
    data: /list|messages/.test(path) ? [] : { fingerprint: FINGERPRINT },
  }));
  const { clock } = createImpatientClock();
  const official = new Crisp();
  official.setRestHost(recorder.url);
  official.authenticateTier('website', 'identifier', 'key');
  return {
    recorder,
    ours: createCrispApi({
      baseUrl: `${recorder.url}/v1`,
      websiteId,
      send: sendWith({ Authorization: 'Basic x', 'X-Crisp-Tier': 'website' }),
      pace: createPace({ clock, maxConcurrent: 1 }),
      clock,
      random: () => 0.5,
    }),
    official: official.website,
  };
}

let all: Awaited<ReturnType<typeof clients>>;
beforeEach(async () => void (all = await clients()));
afterEach(() => all.recorder.close());

const picker = {
  type: 'picker' as const,
  content: {
    id: 'offer_7f3a',
    text: 'Comparing plans? I can show the difference.',
    required: false,
    choices: [
      { value: 'help', label: 'Show me', selected: false },
      { value: 'no', label: 'No, thanks', selected: false },
    ],
  },
  fingerprint: FINGERPRINT,
  automated: true,
};

type Call = (clients: typeof all) => Promise<unknown>;
it.each<[string, Call, Call]>([
  [
    'a picker',
    ({ ours }) => ours.send(ID, { ...picker, user: { nickname: 'Copilot' } }),
    ({ official }) =>
      official.sendMessageInConversation(websiteId, ID, {
        ...picker,
        from: 'operator',
        origin: 'chat',
        user: { type: 'participant', nickname: 'Copilot' },
      }),
  ],
  [
    'a conversation with a session',
    ({ ours }) => ours.initiate(ID),
    ({ official }) => official.initiateConversationWithExistingSession(websiteId, ID),
  ],
  [
    'a conversation',
    ({ ours }) => ours.conversation(ID),
    ({ official }) => official.getConversation(websiteId, ID),
  ],
  [
    'a message',
    ({ ours }) => ours.message(ID, FINGERPRINT),
    ({ official }) => official.getMessageInConversation(websiteId, ID, FINGERPRINT),
  ],
  [
    'the removal of a message',
    ({ ours }) => ours.removeMessage(ID, String(FINGERPRINT)),
    ({ official }) => official.removeMessageInConversation(websiteId, ID, FINGERPRINT),
  ],
  [
    'the session of a token',
    ({ ours }) => ours.sessionOfToken('2e6f-a b'),
    ({ official }) => official.getSessionIdentifierFromToken(websiteId, '2e6f-a b'),
  ],
  [
    'who is on the site',
    ({ ours }) => ours.visitors(2),
    ({ official }) => official.listVisitors(websiteId, 2),
  ],
  [
    'whether the team is there',
    ({ ours }) => ours.isStaffed(),
    ({ official }) => official.getWebsiteAvailabilityStatus(websiteId),
  ],
])('asks for %s as the official client does', async (_, mine, theirs) => {
  await mine(all);
  const ours = all.recorder.taken();
  await theirs(all);
  expect(ours).toEqual(all.recorder.taken());
  expect(ours).toHaveLength(1);
});

it('asks for nothing by a token that would change the address', async () => {
  expect(await all.ours.sessionOfToken('..')).toBeNull();
  expect(all.recorder.taken()).toEqual([]);
});
