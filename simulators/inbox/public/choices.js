import { html, nothing } from '/lit-html/lit-html.js';

/** The buttons under a message. A click is the visitor's tap. */
export function choiceButtons({ id, choices, open }, choose) {
  if (choices.length === 0) return nothing;
  return html`
    <div class="choices" role="group" aria-label="Choices, tapped as the visitor">
      ${choices.map(
        ({ id: choice, label, chosen }) => html`
          <button
            type="button"
            aria-pressed=${chosen ? 'true' : 'false'}
            ?disabled=${!open}
            @click=${() => choose(id, choice)}
          >
            ${label}
          </button>
        `,
      )}
    </div>
  `;
}
