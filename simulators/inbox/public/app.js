import { listenToLists, loadLists, placeConversation, renderLists, reveal } from '/lists.js';
import { byId, state } from '/state.js';
import { listenToThread, loadThread } from '/thread.js';
import { addActions, listenToVisit, loadVisit } from '/visit.js';

const narrow = matchMedia('(max-width: 56rem)');

async function select(key) {
  state.selected = key;
  history.replaceState(null, '', `#${key}`);
  state.thread = null;
  renderLists();
  await loadThread();
  await loadVisit();
}

async function loadEverything() {
  await loadLists();
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
    placeConversation(entry);
    if (state.selected === `conversation:${entry.id}`) void loadThread();
  });
  on('activity', ({ personId, actions }) => {
    state.latest.set(personId, actions.at(-1));
    renderLists();
    addActions(personId, actions);
  });
}

listenToLists(async (key) => {
  await select(key);
  // Where the columns stand below one another, the conversation would be out of sight.
  if (narrow.matches) byId('thread').scrollIntoView();
});
listenToThread((key, chat) => {
  reveal(chat);
  void select(key);
});
listenToVisit();
listen();
void loadEverything();
