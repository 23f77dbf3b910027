import { call } from '/api.js';
import { byId, chosen } from '/dom.js';
import { selectedPerson, state } from '/state.js';

/** What was begun and not sent, by what was chosen then. */
const drafts = new Map();
/** Whom the form writes as, and where. What is chosen may be ahead of it while a conversation loads. */
let shown = { key: '' };

/** Says as whom one writes, and brings back what was begun there. */
export function renderComposer() {
  const { thread, selected } = state;
  const person = selectedPerson();
  byId('composer').hidden = !person && !thread;
  byId('chat').hidden = Boolean(thread);
  byId('as').hidden = !hasBot(thread);
  const before = shown;
  shown = { key: selected, thread, person };
  if (before.key !== selected) byId('as').querySelector('[value="visitor"]').checked = true;
  const name = thread?.name ?? person?.name ?? '';
  const goesOn = thread || hasCrispChat(person);
  byId('composer-label').textContent = isOperator(thread)
    ? `Answer ${name} as an operator`
    : goesOn
      ? `Write as ${name}, the visitor`
      : `Start a conversation as ${name}`;
  if (before.key === selected) return;
  byId('text').value = drafts.get(selected) ?? '';
  byId('send-error').textContent = '';
}

/** Whether a bot answers there, which falls silent when an operator writes. */
const hasBot = (thread) => thread?.chat === 'crisp';
const isOperator = (thread) => hasBot(thread) && chosen('as') === 'operator';

/** In Crisp a visitor has one conversation, which their chat box always goes on with. */
const hasCrispChat = (person) =>
  chosen('chat') === 'crisp' &&
  state.conversations.some(({ chat, personId }) => chat === 'crisp' && personId === person?.id);

/** @returns the conversation that was begun, if one was */
async function send(text, { thread, person }) {
  if (thread) {
    const as = isOperator(thread) ? 'operator' : 'visitor';
    await call('POST', `/api/conversations/${thread.id}/replies`, { text, as });
    return undefined;
  }
  const body = { personId: person.id, chat: chosen('chat'), text };
  const { id } = await call('POST', '/api/conversations', body);
  return { key: `conversation:${id}`, chat: body.chat };
}

/** @param onStart is told the key of a conversation that was begun, and its chat product */
export function listenToComposer(onStart) {
  const field = byId('text');
  let sending = false;
  byId('composer').addEventListener('submit', async (event) => {
    event.preventDefault();
    const text = field.value.trim();
    if (!text || sending) return;
    sending = true;
    const from = shown;
    try {
      const begun = await send(text, from);
      drafts.delete(from.key);
      byId('send-error').textContent = '';
      // Somebody else may have been chosen meanwhile, whose draft stands there now.
      if (shown.key !== from.key) return;
      field.value = '';
      if (begun) onStart(begun.key, begun.chat);
    } catch (error) {
      byId('send-error').textContent = `Not sent. ${error.message}`;
    } finally {
      sending = false;
    }
  });
  byId('as').addEventListener('change', renderComposer);
  field.addEventListener('input', () => drafts.set(shown.key, field.value));
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    byId('composer').requestSubmit();
  });
}
