import { demo } from '../../simulators';
import { eventually } from '../support/eventually';
import { createRemembered, type Remembered } from '../support/remembered';
import { createWorld, type Visitor, type World } from '../support/world';

// The shipped Intercom workflow, whose trigger asks the connector for what the stream did not bring.

let world: World;
let remembered: Remembered;
beforeAll(async () => {
  world = await createWorld();
  remembered = createRemembered(world.userFolder);
  await eventually(world.someoneListens);
});
afterAll(async () => {
  remembered?.close();
  await world?.stop();
});

const subscribers = () => world.connector.stats(demo.productId).subscribers;
const askedFor = ({ id }: Visitor) =>
  world.connector.activity.requests().filter(({ userId }) => userId === id).length;
const inMemory = (sessionId: string) => remembered.count(world.workflow.id, { sessionId });

/** Cuts the connection and keeps it away; what happens meanwhile, the stream never brings. */
async function cut(meanwhile: () => void = () => {}): Promise<void> {
  world.connector.behave({ mode: 'status', status: 503 });
  world.connector.dropConnections();
  await eventually(() => subscribers() === 0);
  meanwhile();
  world.connector.behave({ mode: 'normal' });
  await eventually(() => subscribers() === 1);
}

it('what visitors do while the connection is lost is told and remembered once', async () => {
  const [ann, bob] = [await world.linkedVisitor(), await world.linkedVisitor()];
  await cut(() => {
    ann.act('lost 1', 'lost 2');
    bob.act('lost');
  });
  await eventually(() => ann.told().length === 2 && bob.told().length === 2);
  // The connector has all of it still, and is asked again.
  await cut();
  await eventually(() => askedFor(ann) === 2 && askedFor(bob) === 2);
  ann.act('after');
  bob.act('after');
  await eventually(() => ann.told().length === 3 && bob.told().length === 3);
  expect(ann.everTold()).toEqual([['came'], ['lost 1', 'lost 2'], ['after']]);
  expect(bob.everTold()).toEqual([['came'], ['lost'], ['after']]);
  expect([ann, bob].map(({ sessionId }) => inMemory(sessionId))).toEqual([4, 3]);
  expect(world.intercom.journal.violations).toEqual([]);
});

it('what happens right before the connection is lost, during it and right after it comes once', async () => {
  const visitor = await world.linkedVisitor();
  const others = Array.from({ length: 5 }, () => world.newVisitor());
  const all = [visitor, ...others];
  others.forEach((one) => one.act('came'));
  await eventually(() => others.every(({ sessionId }) => inMemory(sessionId) === 1));
  const acts = [1, 2, 3].flatMap((round) => [`before ${round}`, `lost ${round}`, `after ${round}`]);
  for (const round of [1, 2, 3]) {
    // The stream may or may not bring this one before it is cut.
    all.forEach((one) => one.act(`before ${round}`));
    await cut(() => all.forEach((one) => one.act(`lost ${round}`)));
    all.forEach((one) => one.act(`after ${round}`));
  }
  await eventually(() => visitor.told().flat().length === 1 + acts.length);
  await eventually(() => others.every(({ sessionId }) => inMemory(sessionId) === 1 + acts.length));
  await world.idle();
  expect(visitor.everTold().flat().sort()).toEqual(['came', ...acts].sort());
  expect(all.map(({ sessionId }) => inMemory(sessionId))).toEqual(all.map(() => 1 + acts.length));
});

it('a conversation that waits for a visitor of unknown session gets what they did', async () => {
  const visitor = world.newVisitor();
  await cut(() => visitor.act('early 1', 'early 2'));
  expect(askedFor(visitor)).toBe(0);
  visitor.write();
  await eventually(() => visitor.told().length === 1);
  expect(visitor.told()).toEqual([['early 1', 'early 2']]);
  expect(inMemory(`user:${visitor.id}`)).toBe(2);
  visitor.act('now');
  await eventually(() => visitor.told().flat().includes('now'));
  // Another message asks for nothing more.
  visitor.write('Hello?');
  visitor.act('later');
  await eventually(() => visitor.told().flat().includes('later'));
  expect(visitor.told().flat()).toEqual(['early 1', 'early 2', 'now', 'later']);
  expect(askedFor(visitor)).toBe(1);
});
