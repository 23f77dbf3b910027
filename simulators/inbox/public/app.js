import { html, render } from '/lit-html/lit-html.js';
import { about } from '/about.js';
import { call } from '/api.js';
import { lists } from '/lists.js';
import { offers } from '/offers.js';
import { keepHint, selectedPerson, state } from '/state.js';
import { thread } from '/thread.js';
import { visit } from '/visit.js';

const MOST_ACTIONS = 200;

const page = () => html`
  ${about(update)} ${lists(choose, update)}
  ${state.selected === 'offers' ? offers() : thread({ send, ask, choose: tap }, update)}
  ${visit({ act, getStuck, setActive })}
  <p class=${state.offline ? 'offline' : ''} role="alert">
    ${state.offline ? 'The simulators are not running. Trying to reach them again…' : ''}
  </p>
`;

/** Whether the reader sees the latest message, and so wants to see what comes. */
let atEnd = true;
const toEnd = (entries) => (entries.scrollTop = entries.scrollHeight);
/** The list of messages changes its height with the window, and with what stands around it. */
const resized = new window.ResizeObserver(([{ target }]) => atEnd && toEnd(target));

/** Draws the page. Messages stay scrolled to the latest one, unless the reader has scrolled up. */
function draw() {
  const before = document.getElementById('entries');
  render(page(), document.body);
  const entries = document.getElementById('entries');
  if (!entries) return;
  if (entries !== before) {
    atEnd = true;
    resized.disconnect();
    resized.observe(entries);
    entries.addEventListener('scroll', () => {
      atEnd = entries.scrollHeight - entries.scrollTop - entries.clientHeight < 60;
    });
  }
  if (atEnd) toEnd(entries);
}

function update(changes) {
  Object.assign(state, changes);
  if ('hint' in changes) keepHint(changes.hint);
  draw();
}

/** Selects what the reader has clicked. Where the columns follow one another, it brings the conversation into view. */
async function choose(key) {
  await select(key);
  const main = document.querySelector('main');
  if (main.getBoundingClientRect().top >= window.innerHeight / 2) main.scrollIntoView();
}

async function select(key) {
  const thread = key === state.selected ? state.thread : null;
  update({ selected: key, thread, as: 'visitor', sendError: '' });
  history.replaceState(null, '', `#${key}`);
  await Promise.all([loadThread(), loadPeople(), loadOffers()]);
}

async function loadThread() {
  const { selected } = state;
  const [kind, id] = selected.split(':');
  const loaded =
    kind === 'conversation'
      ? await call('GET', `/api/conversations/${id}`).catch(() => null)
      : null;
  // The user may have selected another conversation meanwhile.
  if (state.selected === selected) update({ thread: loaded });
}

async function loadPeople() {
  const people = await call('GET', '/api/people').catch(() => null);
  // Actions may have been streamed while the answer was on its way.
  people?.forEach((person) => (person.actions = joined(person.actions, actionsOf(person.id))));
  if (people) update({ people });
}

/** What offers have come to, as long as that is shown. */
async function loadOffers() {
  if (state.selected !== 'offers') return;
  try {
    update({ offers: await call('GET', '/api/offers'), offersError: '' });
  } catch ({ message }) {
    update({ offersError: message });
  }
}

const actionsOf = (id) => state.people.find((person) => person.id === id)?.actions ?? [];

function joined(earlier, later) {
  const known = new Set(earlier.map(({ serial }) => serial));
  return [...earlier, ...later.filter(({ serial }) => !known.has(serial))].slice(-MOST_ACTIONS);
}

async function loadEverything() {
  const [demo, connections, conversations] = await Promise.all([
    call('GET', '/api/demo'),
    call('GET', '/api/connections'),
    call('GET', '/api/conversations'),
    loadPeople(),
  ]);
  update({ demo, connections, conversations });
  await select(state.selected || (conversations[0] ? `conversation:${conversations[0].id}` : ''));
}

/** Follows what happens. The browser reconnects by itself; the page then loads everything anew. */
function listen() {
  const events = new EventSource('/api/events');
  const on = (name, handle) =>
    events.addEventListener(name, ({ data }) => handle(JSON.parse(data)));
  const load = () => loadEverything().catch(({ message }) => console.warn(message));
  events.onopen = () => {
    // A server that has restarted counts its actions anew.
    update({ offline: false, people: [] });
    void load();
  };
  events.onerror = () => update({ offline: true });
  on('reload', load);
  on('connections', (connections) => update({ connections }));
  on('presence', ({ personId, here }) => {
    const person = state.people.find(({ id }) => id === personId);
    if (person) person.here = here;
    draw();
  });
  on('conversation', (entry) => {
    const before = state.conversations.find(({ id }) => id === entry.id);
    const others = state.conversations.filter(({ id }) => id !== entry.id);
    const conversations = [entry, ...others].sort((a, b) => b.updatedAt - a.updatedAt);
    update({ conversations });
    if (state.selected === `conversation:${entry.id}`) void loadThread();
    // The selected visitor has no conversation before them: what reaches them first is shown, as it is on the site.
    const reaches = entry.offer && !before?.offer && state.selected === `person:${entry.personId}`;
    if (reaches && !state.drafts[state.selected]) void select(`conversation:${entry.id}`);
  });
  on('activity', ({ personId, actions }) => {
    const person = state.people.find(({ id }) => id === personId);
    if (person) person.actions = joined(person.actions, actions);
    draw();
  });
}

/** Sends what is typed, as the visitor or as an operator; a new conversation is then selected. */
async function send() {
  const { selected, thread: open, as, chat } = state;
  const text = state.drafts[selected]?.trim();
  if (!text) return;
  state.drafts[selected] = '';
  draw();
  try {
    const { id, conversation = id } = open
      ? await call('POST', `/api/conversations/${open.id}/replies`, { text, as })
      : await call('POST', '/api/conversations', { personId: selectedPerson().id, chat, text });
    if (state.selected !== selected) return;
    update({ sendError: '' });
    // The answer to a message that had no conversation opens one.
    if (conversation !== open?.id) await select(`conversation:${conversation}`);
  } catch (error) {
    state.drafts[selected] ||= text;
    if (state.selected === selected) update({ sendError: `Not sent. ${error.message}` });
  }
}

/** Taps a choice under a message of the selected conversation, as its visitor. */
async function tap(entry, choice) {
  const { selected, thread: open } = state;
  try {
    await call('POST', `/api/conversations/${open.id}/choices`, { entry, choice });
    if (state.selected === selected) update({ sendError: '' });
  } catch (error) {
    if (state.selected === selected) update({ sendError: `Not tapped. ${error.message}` });
  }
}

/** Lets the chat product's AI agent ask n8n about the visitor of the selected conversation. */
async function ask(as) {
  const { selected, thread: open } = state;
  try {
    state.questions[selected] = await call('POST', `/api/conversations/${open.id}/questions`, {
      as,
    });
    if (state.selected === selected) update({ sendError: '' });
  } catch (error) {
    if (state.selected === selected) update({ sendError: `Not asked. ${error.message}` });
  }
}

const act = (what) =>
  call('POST', `/api/people/${selectedPerson().id}/acts`, { act: what }).catch(() => undefined);

const setActive = (active) => control('active', { active });
const getStuck = (way) => control('stuck', { way });

/** Changes how the selected visitor goes on. */
async function control(what, body) {
  await call('POST', `/api/people/${selectedPerson().id}/${what}`, body).catch(() => undefined);
  await loadPeople();
  draw();
}

draw();
listen();
// The marks of who is active go out by themselves.
setInterval(draw, 5_000);
// n8n writes it, so the server does not know when it changes.
setInterval(loadOffers, 3_000);
