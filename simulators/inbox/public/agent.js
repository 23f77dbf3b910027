import { html, nothing } from '/lit-html/lit-html.js';
import { time } from '/parts.js';
import { state } from '/state.js';

const AGENTS = { intercom: 'Fin', crisp: 'Hugo' };
const PROOFS = {
  Fin: 'A token that the site’s server signed for its user. Intercom passes it on.',
  Hugo: 'A signature by Crisp over time, website and body. The conversation comes in a header, not from the model.',
};

/** Buttons with which the chat product's AI agent asks n8n about the visitor; none where nothing answers. */
export function askButtons({ chat, entries }, ask) {
  if (!state.demo.agents[chat] || !entries.some(({ kind }) => kind === 'message')) return nothing;
  return html`
    <div class="ask" role="group" aria-label="Let the AI agent ask about the visitor">
      <button type="button" @click=${() => ask('agent')}>Ask as ${AGENTS[chat]}</button>
      <button type="button" @click=${() => ask('attacker')}>Ask as an attacker</button>
    </div>
  `;
}

/** What was asked in the selected conversation: the question, what proves who is asked about, and the answer. */
export function asked(update) {
  const exchange = state.questions[state.selected];
  if (!exchange) return nothing;
  const { agent, question, at, identity, forged, status, ms, answer, text } = exchange;
  const close = () => {
    delete state.questions[state.selected];
    update({});
  };
  return html`
    <section class="asked" tabindex="0" aria-label="What ${agent} asked">
      <header>
        <h3>${forged ? `An attacker asks as ${agent}` : `${agent} asks`}</h3>
        ${time(at)}
        <button type="button" @click=${close}>Close</button>
      </header>
      <h4>Question</h4>
      <p>${question}</p>
      <h4>Identity</h4>
      <p class="quiet">${proofOf(exchange)}</p>
      ${identity.length ? fields(identity.map(({ name, value }) => [name, value])) : nothing}
      <h4>
        Answer <span class=${status === 200 ? 'quiet' : 'error'}>${outcome(status, ms)}</span>
      </h4>
      ${answer ? fields(Object.entries(answer)) : html`<pre>${text}</pre>`}
    </section>
  `;
}

function proofOf({ agent, identity, forged }) {
  if (identity.length === 0)
    return 'None: the site signs no token for a visitor who is not signed in.';
  return forged ? 'Forged: it looks the same, but the secret is guessed.' : PROOFS[agent];
}

const outcome = (status, ms) =>
  status === 0 ? 'n8n did not answer.' : `${status}, in ${Math.round(ms)} ms`;

const fields = (entries) => html`
  <dl>
    ${entries.map(
      ([name, value]) =>
        html`<dt>${name}</dt>
          <dd>${String(value)}</dd>`,
    )}
  </dl>
`;
