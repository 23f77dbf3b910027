const TITLES = { dashboard: 'Dashboard', export: 'Export', billing: 'Settings › Billing' };

/** Shows the page that the address names, without loading anything. */
function show() {
  const view = window.location.pathname.split('/').pop();
  document.title = TITLES[view];
  for (const section of document.querySelectorAll('[data-page]')) {
    section.hidden = section.dataset.page !== view;
  }
}

for (const link of document.querySelectorAll('[data-view]')) {
  link.addEventListener('click', (event) => {
    event.preventDefault();
    document.title = TITLES[link.dataset.view];
    window.history.pushState(null, '', link.href);
    show();
  });
}
window.addEventListener('popstate', show);
show();

const on = (id, name, handle) => document.getElementById(id).addEventListener(name, handle);

document.querySelector('[data-adds]').addEventListener('click', () => {
  const item = document.createElement('li');
  item.textContent = 'New board';
  document.getElementById('boards').append(item);
});

on('report', 'submit', (event) => {
  event.preventDefault();
  const format = new FormData(event.target).get('format');
  document.getElementById('failure').textContent = 'The export failed. Please try again.';
  window.posthog.capture('export failed', { format, status: 504, attempt: { rows: 12_000 } });
  throw new TypeError('report is undefined');
});

on('upgrade', 'click', () => {
  document.getElementById('plan').textContent = 'Team';
  window.posthog.capture('plan upgraded', { plan: 'team', seats: 5 });
});
on('update-card', 'click', () => (document.getElementById('card').hidden = false));
on('card', 'submit', (event) => event.preventDefault());

on('sign-out', 'click', () => {
  window.posthog.reset();
  window.location.assign('/site/');
});
