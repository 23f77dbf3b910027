import { hostsOf, projectUrl } from '../../../core/posthog/hosts';

it.each([
  ['us', 'https://us.posthog.com', 'https://live.us.posthog.com'],
  ['eu', 'https://eu.posthog.com', 'https://live.eu.posthog.com'],
])('a region has its hosts: %s', (region, app, live) => {
  expect(hostsOf({ region, baseUrl: 'https://ignored.example', liveUrl: 'x' })).toEqual({
    app,
    live,
  });
});

it('a PostHog of one’s own is where the credential says', () => {
  const given = { region: 'custom', baseUrl: ' https://ph.example.com/ \n' };
  expect(hostsOf({ ...given, liveUrl: 'http://live.example.com:8666/' })).toEqual({
    app: 'https://ph.example.com',
    live: 'http://live.example.com:8666',
  });
  expect(hostsOf({ ...given, baseUrl: 'https://example.com/posthog/?a=b#c' }).app).toBe(
    'https://example.com/posthog',
  );
});

it('without a Live URL, the live stream is where PostHog’s own deployment puts it', () => {
  const given = { region: 'custom', baseUrl: 'https://ph.example.com', liveUrl: ' ' };
  expect(hostsOf(given).live).toBe('https://ph.example.com/livestream');
});

it.each([
  ['Base URL', { baseUrl: '' }],
  ['Base URL', { baseUrl: 'ph.example.com' }],
  ['Base URL', { baseUrl: 'ftp://ph.example.com' }],
  ['Base URL', { baseUrl: 'https://me:secret@ph.example.com' }],
  ['Live URL', { baseUrl: 'https://ph.example.com', liveUrl: 'live' }],
])('an address that cannot be called is named: %s %j', (field, given) => {
  const read = () => hostsOf({ region: 'custom', ...given });
  expect(read).toThrow(new RegExp(`The ${field} in the credential is no URL`));
  expect(read).not.toThrow(/secret/);
  expect(() => hostsOf({ region: 'toString', ...given })).toThrow(field);
});

it('a project has a page', () => {
  expect(projectUrl('https://eu.posthog.com', '7')).toBe('https://eu.posthog.com/project/7');
});
