import { html, nothing } from '/lit-html/lit-html.js';
import { repeat } from '/lit-html/directives/repeat.js';
import { badge, empty } from '/parts.js';
import { state } from '/state.js';

const OUTCOMES = {
  accepted: 'Accepted',
  dismissed: 'Dismissed',
  replied: 'Replied',
  ignored: 'Ignored',
  left: 'Left',
  withdrawn: 'Withdrawn',
  unknown: 'Not known',
  open: 'Open',
};
/** Outcomes that are shown only where there are some. */
const RARE = ['withdrawn', 'unknown', 'open'];

/** The middle column: what offers have come to, by rule and chat product. */
export const offers = () => html`
  <main class="thread">
    <header class="bar">
      <h2>Offers <span class="quiet">What became of them, by rule</span></h2>
    </header>
    <div class="scroll offers" tabindex="0" role="region" aria-label="What became of offers">
      ${note()}
      ${
        state.offers?.length
          ? repeat(state.offers, ({ chat, rule }) => `${chat} ${rule}`, card)
          : state.offers && nothingYet()
      }
    </div>
  </main>
`;

const note = () =>
  state.offersError
    ? html`<p class="error" role="alert">${state.offersError}</p>`
    : state.demo.offers
      ? html`<p class="quiet">${state.demo.offers}</p>`
      : nothing;

const nothingYet = () =>
  state.demo.offers
    ? empty('No offers yet', 'Choose a visitor, and let them get stuck.')
    : empty('No offers yet', 'No published workflow makes offers.');

function card({ chat, rule, decided, sent, seen, outcomes, converted, holdout, noes }) {
  const shown = Object.entries(OUTCOMES).filter(([key]) => outcomes[key] || !RARE.includes(key));
  const rows = [
    ['Decided', decided, 'all'],
    ['Sent', sent, 'all'],
    ['Seen', seen, 'all'],
    ...shown.map(([key, label]) => [label, outcomes[key], key]),
    ['Converted', converted, 'converted'],
    ['Holdout', holdout, 'no'],
  ];
  return html`
    <section class="figures" aria-label="${rule}, ${chat}">
      <header>
        <h3>${rule}</h3>
        ${badge(chat)}
      </header>
      ${chart('What became of them', rows, decided)}
      ${
        noes.length > 0
          ? chart(
              'Not sent, because',
              noes.map(({ reason, count }) => [reason, count, 'no']),
              decided,
            )
          : nothing
      }
    </section>
  `;
}

/** Rows with their numbers and bars. @param most of what a whole bar stands for */
const chart = (caption, rows, most) => html`
  <table>
    <caption>
      ${caption}
    </caption>
    ${rows.map(
      ([label, count, kind]) => html`
        <tr>
          <th scope="row">${label}</th>
          <td>${count ?? 'no goal'}</td>
          <td aria-hidden="true">${bar(count ?? 0, most, kind)}</td>
        </tr>
      `,
    )}
  </table>
`;

/** The page's policy allows no style attributes, and a picture needs none. */
const bar = (count, most, kind) => html`
  <svg class=${kind}><rect width="${most > 0 ? (100 * count) / most : 0}%" height="100%" /></svg>
`;
