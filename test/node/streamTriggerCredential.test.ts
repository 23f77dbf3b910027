import type { INodeCredentialTestResult } from 'n8n-workflow';
import { autoplayConnectorTest } from '../../nodes/AutoplayStreamTrigger/credentialTest';
import { createConnectorSimulator, type ConnectorSimulator } from '../../simulators/connector';
import { until } from '../support/until';
import '../support/n8nCore';

let connector: ConnectorSimulator;
let url: string;

beforeEach(async () => {
  connector = createConnectorSimulator({ products: { shop: { token: 'uk_live_1' } } });
  ({ url } = await connector.listen());
});

afterEach(() => connector.close());

/** With the real context, whose only HTTP function is n8n's older `request`. */
async function test(streamUrl: string, token = 'uk_live_1'): Promise<INodeCredentialTestResult> {
  const { CredentialTestContext } = await import('n8n-core');
  return await autoplayConnectorTest.call(new CredentialTestContext(), {
    id: '1',
    name: 'Connector',
    type: 'autoplayConnectorApi',
    data: { streamUrl, token },
  });
}

it('opens the stream and closes it again at once', async () => {
  expect(await test(`${url}/stream/shop`)).toMatchObject({ status: 'OK' });
  await until(() => connector.stats('shop').subscribers === 0);
  expect(connector.requests()).toEqual([
    expect.objectContaining({ authorized: true, accept: 'text/event-stream' }),
  ]);
});

it('takes values as they are copied', async () => {
  expect(await test(` ${url}/stream/shop/\n`, ' uk_live_1\n')).toMatchObject({ status: 'OK' });
});

it.each([
  ['a wrong token', '/stream/shop', 'wrong', /401.*token/],
  ['a token that was cut', '/stream/shop', 'uk_live_…', /damaged.*Copy the token/],
  ['an unknown product', '/stream/nothing', 'uk_live_1', /404.*Stream URL/],
  ['no product', '/stream/', 'uk_live_1', /names no product.*the id of your product/],
  ['the connector alone', '/', 'uk_live_1', /names no product.*the id of your product/],
])('says what is wrong with %s', async (_what, path, token, message) => {
  expect(await test(url + path, token)).toEqual({
    status: 'Error',
    message: expect.stringMatching(message),
  });
});

it('does not take a web page for a stream', async () => {
  connector.behave({ mode: 'html' });
  const result = await test(`${url}/stream/shop`);
  expect(result).toMatchObject({ status: 'Error', message: expect.stringContaining('text/html') });
});

it('says when the connector cannot be reached', async () => {
  await connector.close();
  const result = await test(`${url}/stream/shop`);
  expect(result).toMatchObject({
    status: 'Error',
    message: expect.stringMatching(/ECONNREFUSED.*this n8n can reach it/),
  });
});

it('says when the URL is none', async () => {
  expect(await test('connector.example/stream/shop')).toEqual({
    status: 'Error',
    message: expect.stringContaining('starts with https://'),
  });
});
