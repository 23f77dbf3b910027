import { CHATS } from '/state.js';

const clock = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

/** Builds an element. Strings among its children become text, never markup. */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith('aria-') || name.startsWith('data-')) made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export const time = (at) =>
  element('time', { dateTime: new Date(at).toISOString() }, clock.format(new Date(at)));

/** A round mark with somebody's initials, in a colour of their own. */
export function avatar(name) {
  const initials = name.split(/\s+/).map((word) => [...word][0]);
  const hue = [...name].reduce((sum, letter) => sum + letter.codePointAt(0), 0) % 360;
  const made = element(
    'span',
    { className: 'avatar', 'aria-hidden': 'true' },
    initials.slice(0, 2).join(''),
  );
  made.style.setProperty('--hue', hue);
  return made;
}

/** Says which chat product a conversation is in. */
export const badge = (chat) => element('span', { className: `badge ${chat}` }, CHATS[chat]);

/** What stands where there is nothing to show yet. */
export function emptyState(title, text) {
  return element(
    'div',
    { className: 'empty' },
    element('strong', {}, title),
    element('p', {}, text),
  );
}

/** “User clicked Export” as “Clicked Export”: whose activity it is stands above already. */
export function inShort(description) {
  const rest = description.replace(/^User /, '');
  return rest.charAt(0).toUpperCase() + rest.slice(1);
}
