import { setParameters } from '../../tools/n8n';
import { admins } from '../../simulators/demo';
import { eventually } from '../support/eventually';
import { createWorld, THRESHOLD, type World } from '../support/world';

describe('notes follow their conversation', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({
      change(json) {
        const options = { liveMinutes: 0, calmSeconds: 5 };
        setParameters(json, 'Deliver Activity', { options });
      },
    });
  });
  afterAll(() => world?.stop());

  const closed = async (conversationId: string) => {
    const started = await world.started('When a Visitor Writes');
    world.intercom.adminDoes(conversationId, admins[0]!.id, 'close');
    await eventually(async () => (await started()).length > 0);
  };

  it('calmly: actions that come too soon after a note are posted later, without any new activity', async () => {
    const visitor = await world.linkedVisitor();
    await visitor.acted('one');
    await visitor.acted('two');
    await eventually(() => visitor.told().flat().length === 3);
    expect(visitor.told()[0]).toEqual(['came']);
    expect(visitor.told().flat()).toEqual(['came', 'one', 'two']);
  });

  it('not at all while it is closed, until the visitor writes again', async () => {
    const visitor = await world.linkedVisitor();
    await closed(visitor.conversationId);
    await visitor.acted('while it was closed');
    await world.idle();
    expect(visitor.told()).toEqual([['came']]);
    world.intercom.visitorReplies(visitor.conversationId, 'Hello again');
    await eventually(() => visitor.told().length === 2);
    expect(visitor.told()).toEqual([['came'], ['while it was closed']]);
  });

  it('in the words of a summary, then with the latest actions, where much has happened meanwhile', async () => {
    const visitor = await world.linkedVisitor();
    await closed(visitor.conversationId);
    await visitor.acted(...Array.from({ length: THRESHOLD }, (_, i) => `action ${i + 1}`));
    await world.idle();
    expect(visitor.summaries()).toEqual([]);
    world.intercom.visitorReplies(visitor.conversationId, 'Hello again');
    await eventually(() => visitor.told().at(-1)?.at(-1) === 'action 20' && !visitor.told()[1]);
    const latest = [16, 17, 18, 19, 20].map((n) => `action ${n}`);
    expect(visitor.told()).toEqual([latest]);
    expect(visitor.summaries()).toHaveLength(1);
    const notes = visitor.notes().filter(({ redacted }) => !redacted);
    expect(notes.at(-1)?.text).toContain('action 20');
  });
});
