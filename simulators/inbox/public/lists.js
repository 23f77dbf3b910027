import { avatar, badge, element, inShort } from '/dom.js';
import { byId, call, CHATS, chosen, state } from '/state.js';

const ACTIVE_FOR_MS = 15_000;

/** Draws the conversations and the visitors on the left. */
export function renderLists() {
  const focused = document.activeElement?.dataset?.key;
  const filter = chosen('filter');
  const shown = state.conversations.filter(({ chat }) => filter === 'all' || chat === filter);
  const rows = shown.map(({ id, name, personId, preview, chat, typing }) =>
    row(`conversation:${id}`, name, personId, typing ? 'An operator is typing…' : preview, chat),
  );
  const where = filter === 'all' ? '' : ` in ${CHATS[filter]}`;
  const none = element('li', { className: 'quiet hint' }, `Nobody has written${where} yet.`);
  byId('conversations').replaceChildren(...(rows.length ? rows : [none]));
  byId('visitors').replaceChildren(
    ...state.people.map(({ id, name }) => {
      const latest = state.latest.get(id);
      return row(`person:${id}`, name, id, latest ? inShort(latest.description) : 'Just arrived');
    }),
  );
  // The rows are new elements; whoever moves through them with the keyboard stays where they were.
  if (focused) document.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
}

function row(key, name, personId, line, chat) {
  const latest = state.latest.get(personId);
  const live = latest && Date.now() - latest.at < ACTIVE_FOR_MS;
  const button = element(
    'button',
    { type: 'button', className: 'row-button', 'data-key': key },
    avatar(name),
    element('span', { className: 'who' }, element('strong', {}, name), element('span', {}, line)),
    chat ? badge(chat) : null,
    live ? element('span', { className: 'dot', title: 'Active now' }) : null,
  );
  if (key === state.selected) button.setAttribute('aria-current', 'true');
  return element('li', {}, button);
}

/** Fetches people and conversations. */
export async function loadLists() {
  [state.people, state.conversations] = await Promise.all([
    call('GET', '/api/people'),
    call('GET', '/api/conversations'),
  ]);
  for (const { id } of state.people) {
    const last = (await call('GET', `/api/people/${id}/activity`)).at(-1);
    if (last) state.latest.set(id, last);
  }
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
  const lists = document.querySelector('.list');
  lists.addEventListener('click', ({ target }) => {
    const key = target.closest('[data-key]')?.dataset.key;
    if (key) onSelect(key);
  });
  lists.addEventListener('keydown', (event) => {
    const rows = [...lists.querySelectorAll('[data-key]')];
    const at = rows.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    // The arrows belong to the filter while that has the focus.
    if (!step || at === -1 || !rows[at + step]) return;
    event.preventDefault();
    rows[at + step].focus();
  });
  byId('filter').addEventListener('change', renderLists);
  // The dots go out by themselves.
  setInterval(renderLists, 5_000);
}
