import { html } from '/lit-html/lit-html.js';
import { CHATS } from '/state.js';

const clocks = {
  medium: new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' }),
  short: new Intl.DateTimeFormat(undefined, { timeStyle: 'short' }),
};

/** A time of the day, from epoch milliseconds; `medium` with seconds, `short` without. */
export const time = (at, style = 'medium') =>
  html`<time datetime=${new Date(at).toISOString()}>${clocks[style].format(new Date(at))}</time>`;

/** A round mark with a person's initials. */
export function avatar(name) {
  const words = name.trim().split(/\s+/);
  const initials = words.map((word) => [...word][0] ?? '').slice(0, 2);
  return html`<span class="avatar" aria-hidden="true">${initials}</span>`;
}

/** Says which chat product a conversation is in. */
export const badge = (chat) => html`<span class="tag ${chat}">${CHATS[chat]}</span>`;

/** A few choices side by side, of which one is checked. */
export function choice(name, legend, options, value, onChoose) {
  const option = ([key, label]) => html`
    <label>
      <input
        type="radio"
        name=${name}
        value=${key}
        .checked=${key === value}
        @change=${() => onChoose(key)}
      />
      <span>${label}</span>
    </label>
  `;
  return html`
    <fieldset class="choice">
      <legend>${legend}</legend>
      ${Object.entries(options).map(option)}
    </fieldset>
  `;
}

/** Shown in a list or thread while it is empty. */
export const empty = (title, text) =>
  html`<div class="empty">
    <strong>${title}</strong>
    <p>${text}</p>
  </div>`;

/** “User clicked Export” as “Clicked Export”. */
export function inShort(description) {
  const rest = description.replace(/^User /, '');
  return rest.charAt(0).toUpperCase() + rest.slice(1);
}

/** `a, b and c`. */
export const list = (words) =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

/** `4 actions`, `1 action`. */
export const count = (number, what) => `${number} ${what}${number === 1 ? '' : 's'}`;
