// What a website has to do for PostHog: load its script, and say which project it is.
const { url, token } = window.northwind.posthog;
const script = document.createElement('script');
script.src = `${url}/static/array.js`;
script.onload = () =>
  window.posthog.init(token, {
    api_host: url,
    defaults: '2025-11-30',
    person_profiles: 'identified_only',
    // On the pages of the app, people see whether there are errors.
    capture_exceptions: true,
    loaded: identify,
  });
document.head.append(script);

/**
 * Names the person on the first page after signing in. On the page before, it would be too late: posthog-js compresses
 * the event first, and a page that is left meanwhile loses it.
 */
function identify(posthog) {
  const person = window.sessionStorage.getItem('signed-in');
  if (!person) return;
  window.sessionStorage.removeItem('signed-in');
  const { id, ...properties } = JSON.parse(person);
  posthog.identify(id, properties);
}
