import { actionRow, avatar, element, emptyState, inShort, listRow, threadRows } from '/render.js';

const byId = (id) => document.getElementById(id);
const ACTIVE_FOR_MS = 15_000;
const ACTIONS_SHOWN = 150;

/** Everything the page knows. `selected` is `conversation:<id>`, `person:<id>` or empty. */
const state = {
  people: [],
  conversations: [],
  latest: new Map(),
  selected: location.hash.slice(1),
  thread: null,
};
/** Entries that were shown before and so do not light up again. */
const seen = new Set();
const openGroups = new Set();

async function call(method, path, body) {
  const init = body && {
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  };
  const response = await fetch(path, { method, ...init });
  const value = await response.json();
  if (!response.ok) throw new Error(value.error);
  return value;
}

const selectedPerson = () => {
  const [kind, id] = state.selected.split(':');
  const personId =
    kind === 'person' ? id : state.conversations.find((one) => one.id === id)?.personId;
  return state.people.find((person) => person.id === personId);
};

function renderLists() {
  const row = (key, name, personId, line) => {
    const latest = state.latest.get(personId);
    const live = latest && Date.now() - latest.at < ACTIVE_FOR_MS;
    return listRow({ key, name, line, live, selected: key === state.selected });
  };
  const focused = document.activeElement?.dataset?.key;
  const conversations = state.conversations.map(({ id, name, personId, preview }) =>
    row(`conversation:${id}`, name, personId, preview),
  );
  const none = element('li', { className: 'quiet hint' }, 'Nobody has written yet.');
  byId('conversations').replaceChildren(...(conversations.length ? conversations : [none]));
  byId('visitors').replaceChildren(
    ...state.people.map(({ id, name }) => {
      const latest = state.latest.get(id);
      return row(`person:${id}`, name, id, latest ? inShort(latest.description) : 'Just arrived');
    }),
  );
  // The rows are new elements; whoever moves through them with the keyboard stays where they were.
  if (focused) document.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
}

function renderHead() {
  const person = selectedPerson();
  const name = state.thread?.name ?? person?.name;
  const email = state.thread?.email ?? person?.email;
  if (!name) return byId('thread-head').replaceChildren(element('h1', {}, 'Conversation'));
  const who = element('h1', {}, name, element('span', { className: 'quiet' }, email ?? ''));
  byId('thread-head').replaceChildren(avatar(name), who);
}

function nothingSaid(person) {
  if (!person) {
    const text = 'Choose a conversation, or somebody who is on the site now.';
    return emptyState('Nothing selected', text);
  }
  const wrote = state.conversations.some(({ personId }) => personId === person.id);
  return wrote
    ? emptyState('A new conversation', `${person.name} has written before. This starts another.`)
    : emptyState(
        `${person.name} has not written yet`,
        'Their visit is on the right. Write below as they would in the messenger.',
      );
}

function renderThread() {
  renderHead();
  const person = selectedPerson();
  const form = byId('composer');
  const scroller = byId('entries');
  form.hidden = !person && !state.thread;
  const name = state.thread?.name ?? person?.name ?? '';
  byId('composer-label').textContent = state.thread
    ? `Write as ${name}`
    : `Start a conversation as ${name}`;

  if (!state.thread) {
    return scroller.replaceChildren(nothingSaid(person));
  }
  const atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 60;
  const first = !seen.has(state.thread.id);
  const isFresh = ({ id }) => !first && !seen.has(id);
  const rows = threadRows(state.thread.entries, isFresh, openGroups);
  scroller.replaceChildren(...rows);
  seen.add(state.thread.id);
  state.thread.entries.forEach(({ id }) => seen.add(id));
  if (atEnd || first) scroller.scrollTop = scroller.scrollHeight;
}

function renderActivity(actions) {
  const person = selectedPerson();
  byId('acts').hidden = byId('active-label').hidden = !person;
  if (person) byId('active').checked = person.active;
  const list = byId('actions');
  if (!person) {
    const text = 'Choose a visitor to watch what they do.';
    return list.replaceChildren(element('li', {}, emptyState('Nobody selected', text)));
  }
  if (actions.length === 0) {
    const text = 'What they do on the site shows up here as it happens.';
    return list.replaceChildren(element('li', {}, emptyState('Nothing yet', text)));
  }
  list.replaceChildren(...actions.toReversed().map((action) => actionRow(action, false)));
}

async function loadThread() {
  const [kind, id] = state.selected.split(':');
  const loaded =
    kind === 'conversation'
      ? await call('GET', `/api/conversations/${id}`).catch(() => null)
      : null;
  // Somebody may have chosen another one while this was on its way.
  if (state.selected === `${kind}:${id}` || kind !== 'conversation') state.thread = loaded;
  renderThread();
}

async function select(key) {
  state.selected = key;
  history.replaceState(null, '', `#${key}`);
  state.thread = null;
  renderLists();
  await loadThread();
  const person = selectedPerson();
  const actions = person ? await call('GET', `/api/people/${person.id}/activity`) : [];
  if (state.selected === key) renderActivity(actions);
}

async function loadEverything() {
  [state.people, state.conversations] = await Promise.all([
    call('GET', '/api/people'),
    call('GET', '/api/conversations'),
  ]);
  for (const { id } of state.people) {
    const last = (await call('GET', `/api/people/${id}/activity`)).at(-1);
    if (last) state.latest.set(id, last);
  }
  const first = state.conversations[0];
  await select(state.selected || (first ? `conversation:${first.id}` : ''));
}

function listen() {
  const events = new EventSource('/api/events');
  const on = (name, act) => events.addEventListener(name, ({ data }) => act(JSON.parse(data)));
  let wasOpen = false;
  events.onopen = () => {
    byId('offline').hidden = true;
    if (wasOpen) void loadEverything();
    wasOpen = true;
  };
  events.onerror = () => (byId('offline').hidden = false);
  on('reload', loadEverything);
  on('conversation', (entry) => {
    state.conversations = [entry, ...state.conversations.filter(({ id }) => id !== entry.id)];
    renderLists();
    if (state.selected === `conversation:${entry.id}`) void loadThread();
  });
  on('activity', ({ personId, actions }) => {
    state.latest.set(personId, actions.at(-1));
    renderLists();
    if (selectedPerson()?.id !== personId) return;
    const list = byId('actions');
    list.querySelector('.empty')?.parentElement.remove();
    list.prepend(...actions.toReversed().map((action) => actionRow(action, true)));
    while (list.children.length > ACTIONS_SHOWN) list.lastElementChild.remove();
  });
}

document.querySelector('.list').addEventListener('click', ({ target }) => {
  const key = target.closest('[data-key]')?.dataset.key;
  if (key) void select(key);
});

document.querySelector('.list').addEventListener('keydown', (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const rows = [...document.querySelectorAll('.list [data-key]')];
  const next = rows[rows.indexOf(document.activeElement) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
});

byId('composer').addEventListener('submit', async (event) => {
  event.preventDefault();
  const text = byId('text').value.trim();
  if (!text) return;
  byId('text').value = '';
  if (state.thread) return call('POST', `/api/conversations/${state.thread.id}/replies`, { text });
  const { id } = await call('POST', '/api/conversations', { personId: selectedPerson().id, text });
  await select(`conversation:${id}`);
});

byId('text').addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  byId('composer').requestSubmit();
});

byId('acts').addEventListener('click', ({ target }) => {
  const { act } = target.dataset;
  const person = selectedPerson();
  if (act && person) void call('POST', `/api/people/${person.id}/acts`, { act });
});

byId('active').addEventListener('change', async ({ target }) => {
  const person = selectedPerson();
  const answer = await call('POST', `/api/people/${person.id}/active`, { active: target.checked });
  person.active = answer.active;
});

// The dots go out by themselves.
setInterval(renderLists, 5_000);
listen();
void loadEverything();
