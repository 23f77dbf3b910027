import { call } from '/api.js';
import { avatar, badge, byId, chosen, element, icon, inShort, shortTime, unseen } from '/dom.js';
import { keep } from '/keep.js';
import { CHATS, state } from '/state.js';

const ACTIVE_FOR_MS = 15_000;
let filled = false;

/** Draws the conversations and the visitors on the left. */
export function renderLists() {
  const filter = chosen('filter');
  const shown = state.conversations.filter(({ chat }) => filter === 'all' || chat === filter);
  const where = filter === 'all' ? '' : ` in ${CHATS[filter]}`;
  const none = `Nobody has written${where} yet. Choose a visitor, and write as they would.`;
  const rows = shown.map(conversationRow);
  const added = keep(byId('conversations'), rows.length > 0 ? rows : [hint(none)]);
  keep(byId('visitors'), state.people.map(visitorRow));
  if (filled) for (const key of added) rowOf(key)?.classList.add('fresh');
  filled ||= state.people.length > 0;
  chooseTabStop();
}

const hint = (text) => ({
  key: 'hint',
  print: text,
  make: () => element('li', { className: 'quiet hint' }, text),
});

function conversationRow({ id, name, personId, preview, saidBy, chat, typing, updatedAt }) {
  const said = typing
    ? [element('span', { className: 'accented' }, 'An operator is typing…')]
    : [saidBy === 'team' && icon('reply'), saidBy === 'team' && unseen('Answered: '), preview];
  const facts = { name, preview, saidBy, chat, typing, updatedAt };
  return row(`conversation:${id}`, personId, name, facts, () => [
    element('span', { className: 'top' }, element('strong', {}, name), shortTime(updatedAt)),
    element('span', { className: 'line' }, element('span', {}, ...said), badge(chat)),
  ]);
}

function visitorRow({ id, name }) {
  const latest = state.latest.get(id);
  const line = latest ? inShort(latest.description) : 'Just arrived';
  return row(`person:${id}`, id, name, { name, line }, () => [
    element('span', { className: 'top' }, element('strong', {}, name)),
    element('span', { className: 'line' }, element('span', {}, line)),
  ]);
}

/** @param facts what the row shows, besides whether it is chosen and active */
function row(key, personId, name, facts, lines) {
  const latest = state.latest.get(personId);
  const live = Boolean(latest && Date.now() - latest.at < ACTIVE_FOR_MS);
  const current = key === state.selected;
  const make = () => {
    const mark = element('span', { className: live ? 'mark live' : 'mark' }, avatar(name));
    const button = element(
      'button',
      { type: 'button', className: 'row-button', 'data-key': key, tabIndex: -1 },
      mark,
      element('span', { className: 'who' }, ...lines()),
      live && unseen('Active now'),
    );
    if (current) button.setAttribute('aria-current', 'true');
    return element('li', {}, button);
  };
  return { key, print: JSON.stringify({ ...facts, live, current }), make };
}

const rowOf = (key) => document.querySelector(`[data-key="${CSS.escape(key)}"]`);
export const allRows = () => [...document.querySelectorAll('#rows [data-key]')];

/** The Tab key stops at one row, and the arrow keys go on from there. */
function chooseTabStop() {
  const rows = allRows();
  const stop =
    rows.find((one) => one === document.activeElement) ??
    rows.find((one) => one.dataset.key === state.selected) ??
    rows[0];
  for (const one of rows) one.tabIndex = one === stop ? 0 : -1;
}

/** Fetches people and conversations. */
export async function loadLists() {
  [state.people, state.conversations] = await Promise.all([
    call('GET', '/api/people'),
    call('GET', '/api/conversations'),
  ]);
  const latest = state.people.map(async ({ id }) => {
    const last = (await call('GET', `/api/people/${id}/activity`)).at(-1);
    if (last) state.latest.set(id, last);
  });
  await Promise.all(latest);
}

/** Puts a conversation that is new or has changed in its place. */
export function placeConversation(entry) {
  state.conversations = [entry, ...state.conversations.filter(({ id }) => id !== entry.id)].sort(
    (a, b) => b.updatedAt - a.updatedAt,
  );
  renderLists();
}

/** Ends a filter that would hide a conversation in this chat product. */
export function reveal(chat) {
  if (chosen('filter') !== chat) document.querySelector('#filter [value="all"]').checked = true;
}

/** @param onSelect is told the key of the row that was chosen */
export function listenToLists(onSelect) {
  const lists = byId('rows');
  lists.addEventListener('click', ({ target }) => {
    const key = target.closest('[data-key]')?.dataset.key;
    if (key) onSelect(key);
  });
  lists.addEventListener('keydown', (event) => {
    const rows = allRows();
    const at = rows.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (at === -1 || to === undefined) return;
    event.preventDefault();
    rows[to]?.focus();
  });
  lists.addEventListener('focusin', chooseTabStop);
  byId('filter').addEventListener('change', renderLists);
  // The marks of who is active go out by themselves.
  setInterval(renderLists, 5_000);
}
