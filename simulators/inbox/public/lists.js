import { html, nothing } from '/lit-html/lit-html.js';
import { repeat } from '/lit-html/directives/repeat.js';
import { avatar, badge, choice, inShort, time } from '/parts.js';
import { CHATS, state } from '/state.js';

const ACTIVE_FOR_MS = 15_000;
const NAMES = { stream: 'Stream', ...CHATS, model: 'Model' };

/** The left column: the conversations, the visitors, and whether n8n is connected. */
export function lists(select, update) {
  const { filter, conversations, people } = state;
  const away = people.filter(({ here }) => !here);
  const shown = conversations.filter(({ chat }) => filter === 'all' || chat === filter);
  const filters = { all: 'All', ...CHATS };
  return html`
    <nav class="list" aria-label="Conversations and visitors">
      <header class="bar">
        <h1>Inbox <span class="quiet">Northwind Boards</span></h1>
        <button
          type="button"
          data-key="offers"
          aria-current=${state.selected === 'offers' ? 'true' : 'false'}
          @click=${() => select('offers')}
        >
          Offers
        </button>
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
          ${people.filter(({ here }) => here).map((person) => visitorRow(person, select))}
        </ul>
        ${
          away.length > 0
            ? html`
                <h2>Not on the site</h2>
                <ul aria-label="Not on the site">
                  ${away.map((person) => visitorRow(person, select))}
                </ul>
              `
            : nothing
        }
      </div>
      ${connections()}
    </nav>
  `;
}

function conversationRow(entry, select) {
  const { id, name, personId, preview, saidBy, chat, typing, offer, updatedAt } = entry;
  const before = offer ? 'Offer: ' : saidBy === 'team' ? '↩ ' : '';
  const said = typing ? 'The bot is typing…' : before + preview;
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

function visitorRow({ id, name, here, actions }, select) {
  const latest = actions.at(-1);
  const line = !here ? 'Has left' : latest ? inShort(latest.description) : 'Just arrived';
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
  const mark = (name) => {
    const now = state.connections[name];
    if (now === 'working') return 'fine';
    // The model is called when there is something to answer.
    return name === 'model' && now === 'none' ? 'idle' : 'broken';
  };
  const shown = Object.entries(NAMES).filter(
    ([name]) => name !== 'model' || state.demo.simulated.model,
  );
  const known = state.connections && !state.offline;
  return html`
    <section class="connections" aria-label="Connections to n8n">
      <ul>
        ${shown.map(
          ([key, name]) => html` <li class=${known ? mark(key) : 'unknown'}>${name}</li> `,
        )}
      </ul>
      <p id="trouble" role="status">${known ? troubleIn(state.connections) : ''}</p>
    </section>
  `;
}

function troubleIn({ stream, model, ...chats }) {
  if ([stream, ...Object.values(chats)].every((state) => state === 'none')) {
    return 'n8n is not running, or no workflow is published. Nothing that happens here is remembered or answered.';
  }
  const sentences = Object.entries(chats).map(([chat, state]) => {
    if (state === 'none')
      return `No published workflow listens to ${CHATS[chat]}: messages there start nothing.`;
    if (state === 'failing')
      return `n8n did not take the latest message from ${CHATS[chat]}. Is the workflow published?`;
    return state === 'refused'
      ? `${CHATS[chat]} refuses n8n’s calls: check the token in n8n’s credential.`
      : '';
  });
  if (model === 'refused' && state.demo.simulated.model)
    sentences.push('The model refuses n8n: check the API key in n8n’s credential.');
  if (stream === 'refused')
    sentences.unshift('The stream refuses n8n: check the token in n8n’s credential.');
  else if (stream === 'none')
    sentences.unshift('n8n does not listen to the stream: what visitors do now is not remembered.');
  return sentences.join(' ').trim();
}
