import { announce } from '/announce.js';
import { call } from '/api.js';
import { renderComposer } from '/composer.js';
import { avatar, badge, byId, chosen, count, element, emptyState } from '/dom.js';
import { isGone, spoken, threadRows } from '/entries.js';
import { keep, markFresh } from '/keep.js';
import { CHATS, selectedPerson, state } from '/state.js';

/** The conversation that stands there, by its id. */
let drawn;
/** How many of its notes had been taken back by then. */
let gone = 0;
let loads = 0;

/** Draws the chosen conversation, or the beginning of a new one. */
export function renderThread() {
  const { thread } = state;
  const person = selectedPerson();
  renderHead(thread, person);
  renderComposer();
  renderTyping(thread);
  const scroller = byId('entries');
  if (!thread) {
    drawn = undefined;
    byId('newer').hidden = true;
    return scroller.replaceChildren(nothingSaid(person));
  }
  const first = drawn !== thread.id;
  if (first) scroller.replaceChildren();
  drawn = thread.id;
  const atEnd = isAtEnd(scroller);
  const rows = threadRows(thread);
  const silent = () =>
    emptyState('chat', 'Nothing said yet', 'The chat is open on the visitor’s side.');
  const added = keep(scroller, rows.length ? rows : [{ key: 'none', print: '', make: silent }]);
  if (first || atEnd) scroller.scrollTop = scroller.scrollHeight;
  const goneBefore = gone;
  gone = thread.entries.filter(isGone).length;
  if (first) return void (byId('newer').hidden = true);
  if (!atEnd && added.size > 0) byId('newer').hidden = false;
  markFresh(scroller, added);
  tellOf(thread, added);
  if (gone > goneBefore) announce(`${count(gone - goneBefore, 'note')} redacted`);
}

const isAtEnd = ({ scrollHeight, scrollTop, clientHeight }) =>
  scrollHeight - scrollTop - clientHeight < 60;

/** Reads out what is new in the conversation. */
function tellOf({ entries }, added) {
  entries.filter(({ id }) => added.has(`entry:${id}`)).forEach((entry) => announce(spoken(entry)));
}

function renderTyping(thread) {
  const line = byId('typing');
  const text = thread?.typing ? 'An operator is typing' : '';
  if (line.textContent === text) return;
  const dots = () => element('span', { className: 'dots', 'aria-hidden': 'true' });
  line.replaceChildren(...(text ? [text, dots()] : []));
  if (text) announce(text);
}

function renderHead(thread, person) {
  const name = thread?.name ?? person?.name;
  const email = thread ? thread.email : person?.email;
  if (!name) return byId('thread-head').replaceChildren(element('h2', {}, 'Conversation'));
  const who = element('h2', {}, name, element('span', { className: 'quiet' }, email ?? ''));
  const progress = thread?.state && element('span', { className: 'tag' }, thread.state);
  const marks = [progress, thread && badge(thread.chat)].filter(Boolean);
  byId('thread-head').replaceChildren(avatar(name), who, ...marks);
}

function nothingSaid(person) {
  if (!person) {
    const text = 'Choose a conversation, or somebody who is on the site now.';
    return emptyState('chat', 'Nothing selected', text);
  }
  const chat = chosen('chat');
  const wrote = state.conversations.some((one) => one.personId === person.id && one.chat === chat);
  if (wrote && chat === 'crisp') {
    const text = `${person.name} has one conversation in Crisp. What you write is added to it.`;
    return emptyState('chat', 'The conversation goes on', text);
  }
  if (wrote) {
    const text = `${person.name} has written before. This starts another.`;
    return emptyState('chat', 'A new conversation', text);
  }
  return emptyState(
    'chat',
    `${person.name} has not written in ${CHATS[chat]} yet`,
    'Write below as they would in the messenger, and see what the team and the bot get to know.',
  );
}

/** Fetches the chosen conversation and draws it. */
export async function loadThread() {
  const turn = (loads += 1);
  const [kind, id] = state.selected.split(':');
  const loaded =
    kind === 'conversation'
      ? await call('GET', `/api/conversations/${id}`).catch(() => null)
      : null;
  // Meanwhile somebody may have chosen another one, or this one may have changed again.
  if (turn !== loads) return;
  state.thread = loaded;
  renderThread();
}

export function listenToThread() {
  const scroller = byId('entries');
  scroller.addEventListener('scroll', () => {
    if (isAtEnd(scroller)) byId('newer').hidden = true;
  });
  byId('newer').addEventListener('click', () => {
    scroller.scrollTop = scroller.scrollHeight;
    scroller.focus({ preventScroll: true });
  });
  byId('chat').addEventListener('change', renderThread);
}
