import { avatar, badge, element, emptyState } from '/dom.js';
import { threadRows } from '/entries.js';
import { byId, call, CHATS, chosen, selectedPerson, state } from '/state.js';

/** Entries that were shown before and so do not light up again. */
const seen = new Set();
const openGroups = new Set();
let loads = 0;

/** Draws the chosen conversation, or the beginning of a new one. */
export function renderThread() {
  const { thread } = state;
  const person = selectedPerson();
  renderHead(thread, person);
  renderComposer(thread, person);
  byId('typing').textContent = thread?.typing ? 'An operator is typing…' : '';
  const scroller = byId('entries');
  if (!thread) return scroller.replaceChildren(nothingSaid(person));
  const atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 60;
  const first = !seen.has(thread.id);
  const isFresh = ({ id }) => !first && !seen.has(id);
  const rows = threadRows(thread, isFresh, openGroups);
  const silent = emptyState('Nothing said yet', 'The chat is open on the visitor’s side.');
  scroller.replaceChildren(...(rows.length ? rows : [silent]));
  seen.add(thread.id);
  thread.entries.forEach(({ id }) => seen.add(id));
  if (atEnd || first) scroller.scrollTop = scroller.scrollHeight;
}

function renderHead(thread, person) {
  const name = thread?.name ?? person?.name;
  const email = thread ? thread.email : person?.email;
  if (!name) return byId('thread-head').replaceChildren(element('h1', {}, 'Conversation'));
  const who = element('h1', {}, name, element('span', { className: 'quiet' }, email ?? ''));
  const progress = thread?.state && element('span', { className: 'tag' }, thread.state);
  const marks = [progress, thread && badge(thread.chat)].filter(Boolean);
  byId('thread-head').replaceChildren(avatar(name), who, ...marks);
}

function renderComposer(thread, person) {
  byId('composer').hidden = !person && !thread;
  byId('chat').hidden = Boolean(thread);
  const name = thread?.name ?? person?.name ?? '';
  byId('composer-label').textContent =
    thread || goesOn(person) ? `Write as ${name}` : `Start a conversation as ${name}`;
}

/** In Crisp a visitor has one conversation, which their chat box always goes on with. */
const goesOn = (person) =>
  chosen('chat') === 'crisp' &&
  state.conversations.find(({ chat, personId }) => chat === 'crisp' && personId === person?.id);

function nothingSaid(person) {
  if (!person) {
    const text = 'Choose a conversation, or somebody who is on the site now.';
    return emptyState('Nothing selected', text);
  }
  const chat = chosen('chat');
  const wrote = state.conversations.some((one) => one.personId === person.id && one.chat === chat);
  if (wrote && chat === 'crisp') {
    const text = `${person.name} has one conversation in Crisp. What you write is added to it.`;
    return emptyState('The conversation goes on', text);
  }
  return wrote
    ? emptyState('A new conversation', `${person.name} has written before. This starts another.`)
    : emptyState(
        `${person.name} has not written in ${CHATS[chat]} yet`,
        'Their visit is on the right. Write below as they would in the messenger.',
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

/** @param onStart is told the key of a conversation that was begun, and its chat product */
export function listenToThread(onStart) {
  byId('composer').addEventListener('submit', async (event) => {
    event.preventDefault();
    const text = byId('text').value.trim();
    if (!text) return;
    byId('text').value = '';
    const { thread } = state;
    if (thread) return call('POST', `/api/conversations/${thread.id}/replies`, { text });
    const body = { personId: selectedPerson().id, chat: chosen('chat'), text };
    const { id } = await call('POST', '/api/conversations', body);
    onStart(`conversation:${id}`, body.chat);
  });
  byId('text').addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    byId('composer').requestSubmit();
  });
  byId('chat').addEventListener('change', renderThread);
}
