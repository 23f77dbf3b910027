import { byId, icon } from '/dom.js';

const THEMES = ['auto', 'light', 'dark'];
const NAMES = { auto: 'as the system', light: 'light', dark: 'dark' };

/** Goes on to the next appearance: as the system is, light, dark. */
export function nextTheme() {
  const { dataset } = document.documentElement;
  const next = THEMES[(THEMES.indexOf(dataset.theme) + 1) % THEMES.length];
  dataset.theme = next;
  localStorage.setItem('theme', next);
  renderTheme();
}

function renderTheme() {
  const { theme } = document.documentElement.dataset;
  const name = `Appearance: ${NAMES[theme] ?? theme}`;
  const button = byId('theme');
  button.replaceChildren(icon(THEMES.includes(theme) ? theme : 'auto'));
  button.setAttribute('aria-label', name);
  button.title = name;
}

export function listenToTheme() {
  byId('theme').addEventListener('click', nextTheme);
  renderTheme();
}
