import { html, nothing } from '/lit-html/lit-html.js';
import { repeat } from '/lit-html/directives/repeat.js';
import { avatar, badge, choice, inShort, time } from '/parts.js';
import { CHATS, state } from '/state.js';

const ACTIVE_FOR_MS = 15_000;
const NAMES = { stream: 'Stream', ...CHATS };

/** The left column: the conversations, the visitors, and whether n8n is connected. */
export function lists(select, update) {
  const { filter, conversations, people } = state;
  const shown = conversations.filter(({ chat }) => filter === 'all' || chat === filter);
  const filters = { all: 'All', ...CHATS };
  return html`
    <nav class="list" aria-label="Conversations and visitors">
      <header class="bar">
        <h1>Inbox <span class="quiet">Northwind Boards</span></h1>
      </header>
      <div class="heading">
        <h2>Conversations</h2>
        ${choice('filter', 'Show conversations in', filters, filter, (value) =>
          update({ filter: value }),
        )}
      </div>
      <div class="scroll" id="rows">
        <ul aria-label="Conversations">
          ${repeat(
            shown,
            ({ id }) => id,
            (one) => conversationRow(one, select),
          )}
          ${
            shown.length === 0
              ? html`<li class="hint">
                  No conversation yet. Choose a visitor and write as they would.
                </li>`
              : nothing
          }
        </ul>
        <h2>On the site now</h2>
        <ul id="visitors" aria-label="On the site now">
          ${people.map((person) => visitorRow(person, select))}
        </ul>
      </div>
      ${connections()}
    </nav>
  `;
}

function conversationRow({ id, name, personId, preview, saidBy, chat, typing, updatedAt }, select) {
  const said = typing ? 'An operator is typing…' : `${saidBy === 'team' ? '↩ ' : ''}${preview}`;
  return row(
    `conversation:${id}`,
    personId,
    name,
    time(updatedAt, 'short'),
    said,
    badge(chat),
    select,
  );
}

function visitorRow({ id, name, actions }, select) {
  const latest = actions.at(-1);
  const line = latest ? inShort(latest.description) : 'Just arrived';
  return row(`person:${id}`, id, name, nothing, line, nothing, select);
}

function row(key, personId, name, at, line, mark, select) {
  const latest = state.people.find(({ id }) => id === personId)?.actions.at(-1);
  const live = latest && Date.now() - latest.at < ACTIVE_FOR_MS;
  return html`
    <li>
      <button
        type="button"
        class="row ${live ? 'live' : ''}"
        data-key=${key}
        aria-current=${key === state.selected ? 'true' : 'false'}
        @click=${() => select(key)}
      >
        ${avatar(name)}
        <span class="who"><strong>${name}</strong><span>${line}</span></span>
        <span class="facts">${at}${mark}</span>
      </button>
    </li>
  `;
}

/** Whether n8n receives what the simulators send, and what is missing where it does not. */
function connections() {
  const fine = (name) => [true, 'working'].includes(state.connections?.[name]);
  const known = state.connections && !state.offline;
  return html`
    <section class="connections" aria-label="Connections to n8n">
      <ul>
        ${Object.entries(NAMES).map(
          ([key, name]) => html`
            <li class=${known ? (fine(key) ? 'fine' : 'broken') : 'unknown'}>${name}</li>
          `,
        )}
      </ul>
      <p id="trouble" role="status">${known ? troubleIn(state.connections) : ''}</p>
    </section>
  `;
}

function troubleIn({ stream, ...chats }) {
  if (!stream && Object.values(chats).every((state) => state === 'none')) {
    return 'n8n is not running, or no workflow is published. Nothing that happens here is remembered or answered.';
  }
  const sentences = Object.entries(chats).map(([chat, state]) => {
    if (state === 'none')
      return `No published workflow listens to ${CHATS[chat]}: messages there start nothing.`;
    return state === 'failing' ? `n8n did not take the latest message from ${CHATS[chat]}.` : '';
  });
  if (!stream)
    sentences.unshift('n8n does not listen to the stream: what visitors do now is not remembered.');
  return sentences.join(' ').trim();
}
