import { isPrivate, isSamePlace } from '../../../core/http/addresses';

it.each([
  ['http://localhost:5678/webhook/x', true],
  ['http://n8n:5678/webhook/x', true],
  ['http://127.0.0.1:5678/x', true],
  ['http://10.1.2.3/x', true],
  ['http://172.20.0.4/x', true],
  ['http://192.168.1.2/x', true],
  ['http://[::1]:5678/x', true],
  ['http://[fd00::1]/x', true],
  ['https://n8n.internal/x', true],
  ['no url', true],
  ['https://n8n.example.com/x', false],
  ['http://172.32.0.4/x', false],
  ['http://203.0.113.9/x', false],
  ['https://10.example.com/x', false],
  ['http://[2001:db8::1]/x', false],
])('No service on the internet can reach %s: %s', (url, expected) => {
  expect(isPrivate(url)).toBe(expected);
});

it.each([
  ['https://n8n.example.com/webhook/a', 'https://N8N.example.com:443/webhook/a', true],
  ['https://n8n.example.com/webhook/a', 'https://n8n.example.com/webhook/a?x={{x}}', true],
  ['https://n8n.example.com/webhook/a', 'https://n8n.example.com/webhook/ab', false],
  ['https://n8n.example.com/webhook/a', 'http://n8n.example.com/webhook/a', false],
  ['https://n8n.example.com/webhook/a', 'https://n8n.example.org/webhook/a', false],
  ['', '', false],
])('%s and %s are the same place: %s', (one, other, expected) => {
  expect([isSamePlace(one, other), isSamePlace(other, one)]).toEqual([expected, expected]);
});
