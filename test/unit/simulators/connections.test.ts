import { createConnectorSimulator } from '../../../simulators/connector';
import { connectorSource } from '../../../simulators/inbox/connectorSource';
import { watchConnections } from '../../../simulators/inbox/connections';
import { manualClock } from './support';

/** The hooks of a chat product, with or without a subscriber. */
const hooks = () => {
  const state = {
    listens: false,
    deliveries: [] as { status: number }[],
    requests: [] as { status: number }[],
  };
  return {
    state,
    given: { subscribed: () => state.listens, deliveries: state.deliveries as never[] },
    journal: { requests: state.requests },
  };
};

const watched = (announce: (state: unknown) => void = () => undefined) => {
  const clock = manualClock();
  const connector = createConnectorSimulator({ products: { board: { token: 'right' } } });
  const [intercom, crisp] = [hooks(), hooks()];
  const model: { refused?: boolean } = {};
  const watch = watchConnections(
    {
      source: connectorSource(connector, 'board'),
      intercom: { webhooks: intercom.given, journal: intercom.journal },
      crisp: { hooks: crisp.given, journal: crisp.journal },
      model: { refused: () => model.refused },
      clock,
    },
    announce,
  );
  return { clock, connector, intercom: intercom.state, crisp: crisp.state, model, watch };
};

it('the stream is connected with a subscriber, or when it is pushed', async () => {
  const { connector, watch } = watched();
  expect(watch.now().stream).toBe('none');
  const { url } = await connector.listen();
  const open = (token: string) =>
    fetch(`${url}/stream/board`, { headers: { Authorization: `Bearer ${token}` } });
  await open('wrong');
  expect(watch.now().stream).toBe('refused');
  const stream = await open('right');
  expect(watch.now().stream).toBe('working');
  await stream.body!.cancel();
  connector.push('board', { url: 'http://127.0.0.1:9', secret: 's' });
  expect(watch.now().stream).toBe('working');
  watch.stop();
  await connector.close();
});

it('each chat product is connected while its latest webhook was accepted', () => {
  const { intercom, crisp, watch } = watched();
  expect(watch.now()).toMatchObject({ intercom: 'none', crisp: 'none' });
  intercom.listens = crisp.listens = true;
  expect(watch.now()).toMatchObject({ intercom: 'working', crisp: 'working' });
  intercom.deliveries.push({ status: 200 }, { status: 404 });
  crisp.deliveries.push({ status: 0 }, { status: 200 });
  expect(watch.now()).toMatchObject({ intercom: 'failing', crisp: 'working' });
  watch.stop();
});

it.each([401, 403])('a chat product is not connected while it answers n8n with %i', (status) => {
  const { intercom, crisp, watch } = watched();
  intercom.listens = crisp.listens = true;
  intercom.requests.push({ status: 200 }, { status });
  crisp.requests.push({ status }, { status: 404 });
  expect(watch.now()).toMatchObject({ intercom: 'refused', crisp: 'working' });
  intercom.requests.push({ status: 200 });
  expect(watch.now()).toMatchObject({ intercom: 'working' });
  watch.stop();
});

it('the model is connected unless the latest caller had a wrong key', () => {
  const { model, watch } = watched();
  expect(watch.now().model).toBe('none');
  model.refused = true;
  expect(watch.now().model).toBe('refused');
  model.refused = false;
  expect(watch.now().model).toBe('working');
  watch.stop();
});

it('only changes are announced', () => {
  const told: unknown[] = [];
  const { clock, intercom, watch } = watched((state) => told.push(state));
  clock.advance(5_000);
  expect(told).toEqual([]);
  intercom.listens = true;
  clock.advance(5_000);
  expect(told).toEqual([{ stream: 'none', intercom: 'working', crisp: 'none', model: 'none' }]);
  watch.stop();
  intercom.listens = false;
  clock.advance(5_000);
  expect(told).toHaveLength(1);
});
