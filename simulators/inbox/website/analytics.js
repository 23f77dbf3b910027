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
  });
document.head.append(script);
