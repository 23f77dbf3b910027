import { call } from '/api.js';
import { listenToTheme } from '/appearance.js';
import { listenToComposer } from '/composer.js';
import { renderConnections } from '/connections.js';
import { byId } from '/dom.js';
import { listenToKeyboard } from '/keyboard.js';
import { listenToLists, loadLists, placeConversation, renderLists, reveal } from '/lists.js';
import { state } from '/state.js';
import { listenToThread, loadThread } from '/thread.js';
import { listenToViews, showView } from '/views.js';
import { addActions, listenToVisit, loadVisit } from '/visit.js';

async function select(key) {
  state.selected = key;
  history.replaceState(null, '', `#${key}`);
  renderLists();
  await Promise.all([loadThread(), loadVisit()]);
}

/** Fetches all there is; where the server is gone again, the stream of events says so. */
async function loadEverything() {
  try {
    const connections = await call('GET', '/api/connections');
    await loadLists();
    renderConnections(connections);
    const first = state.conversations[0];
    await select(state.selected || (first ? `conversation:${first.id}` : ''));
  } catch (error) {
    console.warn(error.message);
  }
}

function listen() {
  const events = new EventSource('/api/events');
  const on = (name, act) => events.addEventListener(name, ({ data }) => act(JSON.parse(data)));
  const tell = (text) => {
    byId('offline').textContent = text;
    // Without its server the page knows nothing of them.
    byId('connections').classList.toggle('unknown', text !== '');
  };
  events.onopen = () => {
    tell('');
    void loadEverything();
  };
  events.onerror = () => tell('The simulators are not running. Trying to reach them again…');
  on('reload', loadEverything);
  on('connections', renderConnections);
  on('conversation', (entry) => {
    placeConversation(entry);
    if (state.selected === `conversation:${entry.id}`) void loadThread();
  });
  on('activity', ({ personId, actions }) => {
    state.latest.set(personId, actions.at(-1));
    renderLists();
    addActions(personId, actions);
  });
}

listenToTheme();
listenToLists((key) => {
  showView('thread');
  void select(key);
});
listenToThread();
listenToComposer((key, chat) => {
  reveal(chat);
  void select(key);
});
listenToVisit();
listenToViews();
listenToKeyboard();
showView(state.selected ? 'thread' : 'list');
listen();
