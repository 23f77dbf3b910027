import { CHATS } from '/state.js';

const SVG = 'http://www.w3.org/2000/svg';
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const shortClock = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });

export const byId = (id) => document.getElementById(id);

/** The value of the chosen one of a group of radio buttons. */
export const chosen = (name) => document.querySelector(`input[name="${name}"]:checked`).value;

/** Builds an element. Strings among its children become text, never markup; null and false are left out. */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (/^(aria-|data-|role$)/.test(name)) made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(
    ...children.filter((child) => child !== null && child !== undefined && child !== false),
  );
  return made;
}

/** One of the pictures in the page, which says nothing to those who do not see it. */
export function icon(name) {
  const picture = document.createElementNS(SVG, 'svg');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `#i-${name}`);
  picture.setAttribute('class', 'icon');
  picture.setAttribute('aria-hidden', 'true');
  picture.append(use);
  return picture;
}

const timeBy = (format) => (at) =>
  element('time', { dateTime: new Date(at).toISOString() }, format.format(new Date(at)));

/** A time of the day, with seconds. */
export const time = timeBy(clock);
/** The same without seconds. */
export const shortTime = timeBy(shortClock);

/** Words for those who do not see the page. */
export const unseen = (text) => element('span', { className: 'unseen' }, text);

/** A round mark with somebody's initials, in a colour of their own. */
export function avatar(name) {
  const initials = name
    .trim()
    .split(/\s+/)
    .map((word) => [...word][0] ?? '');
  const hue = [...name].reduce((sum, letter) => sum + letter.codePointAt(0), 0) % 360;
  const shown = initials.slice(0, 2).join('');
  const made = element('span', { className: 'avatar', 'aria-hidden': 'true' }, shown);
  made.style.setProperty('--hue', hue);
  return made;
}

/** Says which chat product a conversation is in. */
export const badge = (chat) => element('span', { className: `badge ${chat}` }, CHATS[chat]);

/** What stands where there is nothing to show yet. */
export function emptyState(picture, title, text) {
  return element(
    'div',
    { className: 'empty' },
    icon(picture),
    element('strong', {}, title),
    element('p', {}, text),
  );
}

/** “User clicked Export” as “Clicked Export”: whose activity it is stands above already. */
export function inShort(description) {
  const rest = description.replace(/^User /, '');
  return rest.charAt(0).toUpperCase() + rest.slice(1);
}

/** `4 actions`, `1 action`. */
export const count = (number, what) => `${number} ${what}${number === 1 ? '' : 's'}`;
