import { nextTheme } from '/appearance.js';
import { byId, element, icon } from '/dom.js';
import { allRows } from '/lists.js';
import { showView } from '/views.js';

const SHORTCUTS = [
  ['j', 'Next conversation or visitor', () => moveBy(1)],
  ['k', 'The one before', () => moveBy(-1)],
  ['l', 'To the list', () => go('list', currentRow())],
  ['c', 'Write a message', () => go('thread', byId('text'))],
  ['m', 'To the messages and notes', () => go('thread', byId('entries'))],
  ['a', 'To what the visitor can be made to do', () => go('visit', byId('acts').firstElementChild)],
  ['b', 'What the bot knew, at its latest answer', toggleLatestCall],
  ['t', 'Light, dark, or as the system', nextTheme],
  ['?', 'These shortcuts', () => byId('help').showModal()],
];
const OTHERS = [
  ['Enter', 'Choose, or send what is written'],
  ['↑ ↓', 'Move in the list'],
  ['Esc', 'Leave the text field, or close this'],
];

const currentRow = () => allRows().find(({ tabIndex }) => tabIndex === 0);

function go(view, target) {
  showView(view);
  target?.focus();
}

function moveBy(step) {
  const rows = allRows();
  const at = rows.findIndex((row) => row.hasAttribute('aria-current'));
  const row = rows[Math.min(Math.max(at + step, 0), rows.length - 1)];
  row?.focus();
  row?.click();
}

function toggleLatestCall() {
  const latest = [...document.querySelectorAll('.knew')].at(-1);
  if (!latest) return;
  showView('thread');
  latest.open = !latest.open;
  latest.querySelector('summary').focus({ preventScroll: true });
}

const isWriting = (target) =>
  target.matches('textarea, input:not([type="radio"], [type="checkbox"])');

function onKey(event) {
  const { key, target } = event;
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (byId('help').open) return;
  if (key === 'Escape' && isWriting(target)) return currentRow()?.focus();
  if (isWriting(target) || !byId('single-keys').checked) return;
  const act = SHORTCUTS.find(([wanted]) => wanted === key)?.[2];
  if (!act) return;
  event.preventDefault();
  act();
}

/** Connects the shortcuts and the list of them. Those of one letter can be switched off there. */
export function listenToKeyboard() {
  const rows = [...SHORTCUTS, ...OTHERS].map(([key, words]) =>
    element('div', {}, element('dt', {}, element('kbd', {}, key)), element('dd', {}, words)),
  );
  byId('shortcuts').replaceChildren(...rows);
  byId('help-open').append(icon('keys'));
  byId('help-open').title = 'Keyboard shortcuts';
  byId('help-close').append(icon('close'));
  byId('help-open').addEventListener('click', () => byId('help').showModal());
  // A click beside the list closes it.
  byId('help').addEventListener('click', ({ target }) => {
    if (target === byId('help')) byId('help').close();
  });
  const switched = byId('single-keys');
  switched.checked = localStorage.getItem('singleKeys') !== 'off';
  switched.addEventListener('change', () =>
    localStorage.setItem('singleKeys', switched.checked ? 'on' : 'off'),
  );
  document.addEventListener('keydown', onKey);
}
