import { answerOf } from '../../../core/agents/answer';
import { exampleAnswer, finConnector } from '../../../core/agents/finConnector';
import { differences } from '../../../simulators/http/shape';
import { documented } from '../../../simulators/intercom/documented';

const URL = 'https://n8n.example.com/webhook/4e1f/webhook';
const KINDS = ['finToken', 'finSecret'] as const;

it.each(KINDS)('%s: the request is as Intercom documents it', (kind) => {
  const body = finConnector(kind, URL, 'Fin');
  const query = new URLSearchParams();
  const sent = { method: 'POST', path: '/data_connectors', query, body };
  expect(differences(documented, sent)).toEqual([]);
});

it('with a User token, no input and no body says who the visitor is', () => {
  const { data_inputs, body } = finConnector('finToken', URL, 'Fin');
  expect([data_inputs, body]).toEqual([[], '{}']);
});

it('with a fixed secret, the one input fills the one field of the body, and the secret is attached by hand', () => {
  const made = finConnector('finSecret', URL, 'Fin');
  expect(made.data_inputs).toMatchObject([{ name: 'user_id', required: true }]);
  expect(JSON.parse(made.body)).toEqual({ user_id: '{{user_id}}' });
  expect(made.headers).toEqual([{ name: 'Content-Type', value: 'application/json' }]);
  expect(made).toMatchObject({
    http_method: 'post',
    direct_fin_usage: true,
    audiences: ['users'],
    customer_authentication: false,
    bypass_authentication: false,
  });
});

it('a name fits into a list, whatever the workflow is called', () => {
  const { name } = finConnector('finToken', URL, `A\nlong ${'name '.repeat(100)}`);
  expect(name).toMatch(/^Visitor activity \(n8n: A long name .*…$/);
  expect(name.length).toBeLessThanOrEqual(80);
});

it('the sample answer has the fields of a real one, of one level, and none is empty', () => {
  const sample = exampleAnswer();
  const form = { windowMs: 600_000, includeSummary: true, isTeam: false };
  expect(Object.keys(sample).sort()).toEqual(Object.keys(answerOf(null, form, 0)).sort());
  expect(Object.values(sample).map((value) => typeof value)).toEqual([
    'boolean',
    ...Object.values(sample)
      .slice(1)
      .map(() => 'string'),
  ]);
  expect(Object.values(sample)).not.toContain('');
  expect(sample).not.toHaveProperty('replay_url');
});
