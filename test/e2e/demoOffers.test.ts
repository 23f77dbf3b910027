import { demo, people } from '../../simulators';
import { continuityToken } from '../../simulators/crisp';
import { crispRecipient } from '../../simulators/recipients';
import { createOfferReports, memoriesWithOffers } from '../../tools/demo/offers';
import { readSettings } from '../../tools/demo/settings';
import { withOffers } from '../../tools/demo/withOffers';
import { eventually } from '../support/eventually';
import { createStage, type Stage } from '../support/stage';

// What the demo shows of offers: a visitor is made to get stuck, and the inbox reads what became of it beside a running n8n.

const [AMARA, , , , , LEA] = people as [(typeof people)[0], ...(typeof people)[0][]];

describe.each([
  ['autoplay', 'proactive-crisp'],
  ['posthog', 'proactive-crisp-posthog'],
] as const)('with the source %s', (source, name) => {
  let stage: Stage;
  let reports: ReturnType<typeof createOfferReports>;
  beforeAll(async () => {
    const settings = readSettings({}, '/repo');
    stage = await createStage([name], {
      source,
      change: (json) => void Object.assign(json, withOffers(json, settings)),
    });
    const url = await stage.rest.webhookUrl(stage.workflows[name], 'When a Visitor Answers');
    stage.crisp.hooks.subscribe({
      kind: 'website',
      url: `${url}?key=${encodeURIComponent(demo.crispHookKey)}`,
      events: ['message:updated', 'message:send', 'session:set_data'],
    });
    reports = createOfferReports(stage.userFolder);
    await eventually(stage.someoneListens);
  });
  afterAll(() => Promise.all([stage?.stop(), reports?.close()]));

  const report = async () => {
    const outcome = { file: '', name, state: 'published' as const };
    const workflow = stage.workflows[name];
    return await reports.report(memoriesWithOffers([{ ...outcome, workflow }]));
  };
  const sessionOf = (person: (typeof people)[0]) => {
    const token = continuityToken(person);
    return stage.crisp.sessions().find((one) => one.token === token)!.session_id;
  };

  it('a visitor who gets stuck is offered help, and the inbox shows that they took it', async () => {
    stage.crowd.getStuck(AMARA.id, 'rage-clicks');
    const recipient = crispRecipient(stage.crisp, sessionOf(AMARA));
    await eventually(() => recipient.offers().length === 1, 60);
    const [offer] = recipient.offers();
    recipient.tap(offer!, offer!.choices[0]!.id);
    await eventually(async () => (await report())[0]?.outcomes.accepted === 1, 60);
    expect(await report()).toMatchObject([
      { chat: 'crisp', rule: 'Rage Clicks', decided: 1, sent: 1, converted: 0, noes: [] },
    ]);
  });

  it('the inbox shows that a visitor of the holdout group got no offer', async () => {
    stage.crowd.getStuck(LEA!.id, 'failures');
    await eventually(async () => (await report()).some(({ holdout }) => holdout === 1), 60);
    expect((await report()).find(({ holdout }) => holdout > 0)).toMatchObject({
      ...{ rule: 'Failures', decided: 1, sent: 0 },
      noes: [{ reason: 'The visitor is in the holdout group', count: 1 }],
    });
    expect(crispRecipient(stage.crisp, sessionOf(LEA!)).offers()).toEqual([]);
  });
});
