import { createCrispApi } from '../../../core/crisp/api';
import { createPace } from '../../../core/http/pace';
import { createCrispPair } from '../../support/crisp';
import { createImpatientClock } from '../../support/service';

const email = 'ada@example.com';

it.each([
  [true, true],
  ['phone' as const, false],
  [false, false],
])(
  'a visitor whom the site verified: %p, has a verified address: %p',
  async (verified, isVerified) => {
    const { simulator, api } = await createCrispPair();
    try {
      const { session_id } = simulator.visitorOpens({ email, verified });
      expect(await api.verification(session_id)).toMatchObject({ isVerified, visitor: { email } });
    } finally {
      await simulator.close();
    }
  },
);

const of = (identity: string) => ({ identity, method: 'signature', annotation: '' });

it.each<[string, object, boolean]>([
  ['no list, as older conversations', { is_verified: true }, true],
  ['null for a list', { is_verified: true, verifications: null }, true],
  ['an empty list', { is_verified: true, verifications: [] }, false],
  ['a phone number', { is_verified: true, verifications: [of('phone')] }, false],
  ['both', { is_verified: true, verifications: [of('phone'), of('email')] }, true],
  ['the address, and the visitor not', { is_verified: false, verifications: [of('email')] }, false],
  ['what is no list', { is_verified: true, verifications: 'email' }, false],
  ['what is no list of objects', { is_verified: true, verifications: ['email', null] }, false],
  ['not even that', {}, false],
])(
  'an email address counts as verified only if Crisp verified it: %s',
  async (_, said, isVerified) => {
    const { clock } = createImpatientClock();
    const api = createCrispApi({
      baseUrl: 'https://crisp.example/v1',
      websiteId: 'w',
      send: async () => ({
        status: 200,
        headers: {},
        body: { error: false, data: { meta: { email }, ...said } },
      }),
      pace: createPace({ clock, maxConcurrent: 1 }),
      clock,
      random: () => 0.5,
    });
    expect((await api.verification('session_1')).isVerified).toBe(isVerified);
  },
);
