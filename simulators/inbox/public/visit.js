import { html, nothing } from '/lit-html/lit-html.js';
import { live } from '/lit-html/directives/live.js';
import { repeat } from '/lit-html/directives/repeat.js';
import { empty, inShort, time } from '/parts.js';
import { selectedPerson } from '/state.js';

const ACTS = {
  'visit-pricing': 'Visit pricing',
  'sign-up': 'Sign up',
  'export-fails': 'Try an export',
  'five-things': 'Do 5 things',
};

/** As the rules are called that notice it. */
const WAYS = {
  'ping-pong': 'Ping-Pong',
  'rage-clicks': 'Rage Clicks',
  dwell: 'Dwelling',
  'form-left': 'Form Left',
  failures: 'Failures',
};

/** The right column: what the selected visitor does, and buttons that make them do more. */
export function visit({ act, getStuck, setActive }) {
  const person = selectedPerson();
  return html`
    <aside class="visit" aria-label="Live activity">
      <header class="bar">
        <h2>
          Live activity ${person ? html`<code class="quiet">${person.sessionId}</code>` : nothing}
        </h2>
        ${
          person
            ? html`
                <label class="toggle">
                  Acts alone
                  <input
                    type="checkbox"
                    role="switch"
                    .checked=${live(person.active)}
                    @change=${({ target }) => setActive(target.checked)}
                  />
                </label>
              `
            : nothing
        }
      </header>
      ${
        person
          ? html`
              <div class="acts" role="group" aria-label="Make the visitor do something">
                ${Object.entries(ACTS).map(
                  ([key, label]) =>
                    html`<button type="button" @click=${() => act(key)}>${label}</button>`,
                )}
                <select id="way" aria-label="How to get stuck">
                  ${Object.entries(WAYS).map(
                    ([key, label]) => html`<option value=${key}>${label}</option>`,
                  )}
                </select>
                <button
                  type="button"
                  title="The visitor gets stuck, and stays there"
                  @click=${() => getStuck(document.getElementById('way').value)}
                >
                  Get stuck
                </button>
              </div>
            `
          : nothing
      }
      <ol class="scroll" id="actions" tabindex="0" aria-label="Actions, latest first">
        ${
          person
            ? repeat(person.actions.toReversed(), ({ serial }) => `${person.id} ${serial}`, action)
            : nothing
        }
        ${person?.actions.length ? nothing : html`<li>${nothingDone(person)}</li>`}
      </ol>
    </aside>
  `;
}

const action = ({ type, description, path, at }) => html`
  <li class="action">
    <code>${type}</code>
    <span>${inShort(description)}<span class="quiet">${path} · ${time(at)}</span></span>
  </li>
`;

const nothingDone = (person) =>
  person
    ? empty('Nothing yet', 'What they do on the site shows up here as it happens.')
    : empty('No visitor selected', 'Choose a visitor to watch what they do.');
