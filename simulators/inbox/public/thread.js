import { html, nothing } from '/lit-html/lit-html.js';
import { guard } from '/lit-html/directives/guard.js';
import { keyed } from '/lit-html/directives/keyed.js';
import { live } from '/lit-html/directives/live.js';
import { repeat } from '/lit-html/directives/repeat.js';
import { asked, askButtons } from '/agent.js';
import { choiceButtons } from '/choices.js';
import { avatar, badge, choice, count, empty, time } from '/parts.js';
import { safeHtml } from '/safeHtml.js';
import { CHATS, selectedPerson, state } from '/state.js';

/** Only the simulated model's calls are known, so an answer with its call is that model's. */
const SIMULATED = html`<span class="tag">Simulated model</span>`;
const NOTES = { activity: 'Activity', summary: 'Summary', note: 'Note' };

/** The middle column: the selected conversation, or the start of one, and the form to write in. */
export function thread({ send, ask, choose }, update) {
  const { thread: open, selected } = state;
  // Until the selected conversation is loaded, nothing can be read or written.
  const listed = state.conversations.find(({ id }) => `conversation:${id}` === selected);
  const loading = listed && !open;
  const person = selectedPerson();
  const { name, email } = open ?? listed ?? person ?? {};
  return html`
    <main class="thread">
      <header class="bar">
        ${name ? avatar(name) : nothing}
        <h2>
          ${name ?? 'Conversation'}
          <span class="quiet">${email ?? ''}</span>
        </h2>
        ${open ? workflowLink(open.chat) : nothing}
        ${open?.state ? html`<span class="tag state">${open.state}</span>` : nothing}
        ${open ? badge(open.chat) : nothing}
      </header>
      ${
        // Each conversation gets a new element, so that a screen reader reads only what is added to it.
        keyed(
          open ? selected : '',
          html`
            <div
              class="scroll"
              id="entries"
              tabindex="0"
              role="log"
              aria-label="Messages and notes"
            >
              ${open?.entries.length ? entries(open, choose) : loading ? nothing : nothingSaid(person, open)}
            </div>
          `,
        )
      }
      <p class="typing" role="status">${open ? botState(open) : nothing}</p>
      ${asked(update)} ${name && !loading ? composer(name, send, ask, update) : nothing}
    </main>
  `;
}

/** The workflow of a chat product, in n8n. */
const workflowLink = (chat) =>
  state.demo.workflows
    .filter((one) => one.chat === chat)
    .slice(0, 1)
    .map(
      ({ name, url }) =>
        html`<a href=${url} target="_blank" rel="noopener" title="“${name}” in n8n">Workflow</a>`,
    );

/** What the bot does that its reader cannot see: it writes, or makes way for an operator. */
function botState({ typing, silentUntil }) {
  if (typing) return 'The bot is typing…';
  return silentUntil && Date.now() < silentUntil
    ? html`The bot is silent until ${time(silentUntil, 'short')}, because an operator wrote.`
    : nothing;
}

function entries({ entries: all, chat }, choose) {
  const rows = [];
  for (const entry of all) {
    const group = rows.at(-1)?.redacted;
    if (!NOTES[entry.kind] || !entry.redacted) rows.push({ entry });
    else if (group) group.push(entry);
    else rows.push({ redacted: [entry] });
  }
  return repeat(
    rows,
    ({ entry, redacted }) => (entry ? entry.id : `redacted ${redacted[0].id}`),
    ({ entry, redacted }) => {
      // Nothing is left to read of them.
      if (redacted) return html`<p class="redacted">${count(redacted.length, 'note')} redacted</p>`;
      return NOTES[entry.kind] ? note(entry) : message(entry, chat, choose);
    },
  );
}

/** A message's HTML as elements; `guard` keeps them from being made again on each draw. */
const body = (entry) =>
  html`<div class="body">${guard([entry.body], () => safeHtml(entry.body))}</div>`;

/** What only the team reads. */
const note = (entry) => html`
  <article class="entry note ${entry.kind}">
    <header>
      <strong>${NOTES[entry.kind]}</strong>
      <span class="tag">Internal note</span>
      ${entry.kind === 'summary' && state.demo.simulated.model ? SIMULATED : nothing}
      ${entry.author} ${time(entry.at)}
    </header>
    ${body(entry)}
  </article>
`;

/** What the visitor reads, too. Buttons alone belong to the message before them. */
const message = (entry, chat, choose) =>
  entry.body
    ? html`
        <article class="entry ${entry.kind} ${entry.redacted ? 'removed' : ''}">
          ${heading(entry, chat)} ${body(entry)} ${choiceButtons(entry, choose)}
          ${entry.call ? botCall(entry.call) : nothing}
        </article>
      `
    : html`<article class="entry bare ${entry.kind}">${choiceButtons(entry, choose)}</article>`;

/** Who wrote it and when. Pictures are named in a tooltip and never fetched. */
const heading = (entry, chat) => html`
  <header>
    <span title=${(chat === 'crisp' && entry.avatar) || ''}>${avatar(entry.author)}</span>
    <strong>${entry.author}</strong>
    ${entry.automated ? html`<span class="tag">Bot</span>` : nothing}
    ${entry.call ? SIMULATED : nothing}
    ${entry.edited && !entry.redacted ? html`<span class="tag">Edited</span>` : nothing}
    ${time(entry.at)}
  </header>
`;

/** Folded under an answer: what its model was told about the visitor, and the whole prompt. */
const botCall = ({ at, activity, messages }) => html`
  <details class="knew">
    <summary>What the bot knew</summary>
    <pre class="activity">${activity ?? 'The prompt has no part for the visitor’s activity.'}</pre>
    <p class="quiet">
      From the prompt that the simulated model was given at ${time(at)}. It chooses from a few
      prepared answers; for real ones, start the demo with <code>OPENAI_API_KEY=… npm start</code>
    </p>
    <details>
      <summary>The whole prompt</summary>
      ${messages.map(
        ({ role, text }) =>
          html`<h4>${role}</h4>
            <pre>${text}</pre>`,
      )}
    </details>
  </details>
`;

function nothingSaid(person, open) {
  if (open) return empty('No message yet', 'The visitor has the chat open.');
  if (!person)
    return empty('Nothing selected', 'Choose a conversation, or a visitor who is on the site now.');
  if (!hasWritten(person)) {
    return empty(
      `${person.name} has not written in ${CHATS[state.chat]} yet`,
      'Write below as they would in the messenger, and see what the team and the bot get to know.',
    );
  }
  return state.chat === 'crisp'
    ? empty(
        'The conversation continues',
        'A visitor has one conversation in Crisp. Your message is added to it.',
      )
    : empty(
        'A new conversation',
        `${person.name} has written before. This starts another conversation.`,
      );
}

const hasWritten = (person) =>
  state.conversations.some(({ chat, personId }) => chat === state.chat && personId === person.id);

function composer(name, send, ask, update) {
  const { thread: open, selected, chat, as, drafts, sendError } = state;
  // Only Crisp has a bot, which makes way for an operator.
  const asOperator = open?.chat === 'crisp' && as === 'operator';
  const label = asOperator ? `Answer ${name} as an operator` : `Write as ${name}, the visitor`;
  const onKey = (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    void send();
  };
  const onSubmit = (event) => {
    event.preventDefault();
    void send();
  };
  return html`
    <form class="composer" @submit=${onSubmit}>
      <div class="heading">
        <label for="text">${label}</label>
        ${open ? nothing : choice('chat', 'Chat product', CHATS, chat, (value) => update({ chat: value }))}
        ${
          open?.chat === 'crisp'
            ? choice('as', 'Write as', { visitor: 'Visitor', operator: 'Operator' }, as, (value) =>
                update({ as: value }),
              )
            : nothing
        }
      </div>
      <div class="field">
        <textarea
          id="text"
          rows="2"
          aria-describedby="hint"
          .value=${live(drafts[selected] ?? '')}
          @input=${({ target }) => (drafts[selected] = target.value)}
          @keydown=${onKey}
        ></textarea>
        <button type="submit" class="send">Send</button>
      </div>
      <p class="quiet" id="hint">Enter sends, Shift Enter begins a line.</p>
      ${open ? askButtons(open, ask) : nothing}
      <p class="error" role="alert">${sendError}</p>
    </form>
  `;
}
