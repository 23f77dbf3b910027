import { safeHtml } from '/safeHtml.js';

const clock = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const LABELS = { activity: 'Activity note', summary: 'Summary', note: 'Note' };
const MARKS = { pageview: '◧', click: '◉', submit: '✓', type: '⌨', focus: '▸', blur: '◂' };

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

const time = (at) =>
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

/** A row of the list on the left. */
export function listRow({ key, name, line, live, selected }) {
  const button = element(
    'button',
    { type: 'button', className: 'row-button', 'data-key': key },
    avatar(name),
    element('span', { className: 'who' }, element('strong', {}, name), element('span', {}, line)),
    live ? element('span', { className: 'dot', title: 'Active now' }) : null,
  );
  if (selected) button.setAttribute('aria-current', 'true');
  return element('li', {}, button);
}

/** What stands where there is nothing to show yet. */
export function emptyState(title, text) {
  return element(
    'div',
    { className: 'empty' },
    element('strong', {}, title),
    element('p', {}, text),
  );
}

/** A thread's entries; notes taken back that follow one another are folded into one line. */
export function threadRows(entries, isFresh, openGroups) {
  const rows = [];
  for (let index = 0; index < entries.length; index += 1) {
    const gone = [];
    while (entries[index]?.redacted && entries[index].kind !== 'message') {
      gone.push(entries[index]);
      index += 1;
    }
    if (gone.length > 0) rows.push(removedGroup(gone, openGroups));
    if (entries[index]) rows.push(entryRow(entries[index], isFresh(entries[index])));
  }
  return rows;
}

function entryRow(entry, fresh) {
  const label = LABELS[entry.kind];
  const head = element(
    'header',
    {},
    label ? element('span', { className: 'label' }, label) : null,
    element('span', {}, entry.author),
    time(entry.at),
  );
  const body = element('div', { className: 'body' }, safeHtml(entry.body));
  const classes = ['entry', entry.kind, fresh && 'fresh', entry.redacted && 'removed'];
  return element('article', { className: classes.filter(Boolean).join(' ') }, head, body);
}

function removedGroup(entries, openGroups) {
  const key = entries[0].id;
  const count = entries.length === 1 ? 'A note was' : `${entries.length} notes were`;
  const lines = entries.map(({ body, at }) =>
    element('li', {}, element('s', {}, safeHtml(body).textContent.trim()), ' ', time(at)),
  );
  const details = element(
    'details',
    { className: 'gone', open: openGroups.has(key) },
    element('summary', {}, `${count} deleted`),
    element('ul', {}, ...lines),
  );
  details.addEventListener('toggle', () => {
    if (details.open) openGroups.add(key);
    else openGroups.delete(key);
  });
  return details;
}

/** “User clicked Export” as “Clicked Export”: whose activity it is stands above already. */
export function inShort(description) {
  const rest = description.replace(/^User /, '');
  return rest.charAt(0).toUpperCase() + rest.slice(1);
}

/** One action on the right. */
export function actionRow(action, fresh) {
  return element(
    'li',
    { className: fresh ? 'action fresh' : 'action' },
    element(
      'span',
      { className: `mark ${action.type}`, title: action.type },
      MARKS[action.type] ?? '•',
    ),
    element(
      'span',
      { className: 'what' },
      inShort(action.description),
      element('span', { className: 'where' }, action.path, ' · ', time(action.at)),
    ),
  );
}
