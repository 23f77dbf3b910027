import { html, nothing } from '/lit-html/lit-html.js';
import { list } from '/parts.js';
import { state } from '/state.js';

const SERVICES = {
  visitors: 'the visitors',
  intercom: 'Intercom',
  crisp: 'Crisp',
  model: 'the language model',
};

/** The line above everything: what this page is, and where what it shows comes from. */
export function about(update) {
  const { demo, hint } = state;
  const simulated = Object.keys(SERVICES).filter((name) => demo.simulated[name]);
  const names = list(simulated.map((name) => SERVICES[name]));
  return html`
    <header class="about">
      <div class="line">
        <p>
          <strong>Demo.</strong>
          ${
            names
              ? `${names[0].toUpperCase()}${names.slice(1)} ${simulated.length === 1 && simulated[0] !== 'visitors' ? 'is' : 'are'} simulated.`
              : nothing
          }
          Notes and answers come from ${demo.n8n ? link(demo.n8n) : 'n8n'}.
          ${demo.website ? website(demo.website) : nothing}
        </p>
        <button type="button" aria-expanded=${hint} @click=${() => update({ hint: !hint })}>
          ${hint ? 'Hide the steps' : 'How to begin'}
        </button>
      </div>
      ${hint ? steps(demo) : nothing}
    </header>
  `;
}

const link = (url) =>
  html`the n8n at
    <a href="${url}/home/workflows" target="_blank" rel="noopener"
      >${url.replace(/^https?:\/\//, '')}</a
    >`;

const website = (path) =>
  html`<a href=${path} target="_blank" rel="noopener">Browse the site yourself</a>: sign up there
    with the address of a visitor, and ask in their name here.`;

const steps = ({ simulated, offers }) => html`
  <section class="steps" aria-label="How to begin">
    <ol>
      <li><strong>Choose a visitor</strong> under <em>On the site now</em>.</li>
      <li><strong>Let them act:</strong> click <em>Try an export</em>. It fails.</li>
      <li>
        <strong>Ask as the visitor,</strong> in Crisp: “Why does this not work?” The bot answers
        with what they just did. In Intercom, your team gets notes instead.
      </li>
      ${
        offers
          ? html`<li>
              <strong>Let another one get stuck:</strong> within seconds, the chat offers help.
              Answer as the visitor. <em>Offers</em> shows what becomes of all.
            </li>`
          : nothing
      }
    </ol>
    ${
      simulated.model
        ? html`<p class="quiet">
            The simulated model has a few prepared answers. For real ones, start the demo with
            <code>OPENAI_API_KEY=… npm start</code>
          </p>`
        : nothing
    }
  </section>
`;
