import { avatar, count, element, icon, time, unseen } from '/dom.js';
import { botCall } from '/botCall.js';
import { safeHtml } from '/safeHtml.js';

const NOTES = { activity: 'Activity', summary: 'Summary', note: 'Note' };

/** A note with more lines is cut off. */
const MOST_LINES = 14;

/** Whether an entry is a note that was taken back. */
export const isGone = ({ redacted, kind }) => redacted && kind in NOTES;

/** A thread's entries for `keep`; notes taken back that follow one another are folded into one line. */
export function threadRows({ entries, chat }) {
  const rows = [];
  for (let index = 0; index < entries.length; index += 1) {
    const gone = [];
    while (index < entries.length && isGone(entries[index])) {
      gone.push(entries[index]);
      index += 1;
    }
    if (gone.length > 0) {
      const print = gone.map(({ id }) => id).join();
      rows.push({ key: `gone:${gone[0].id}`, print, make: (old) => removedGroup(gone, old) });
    }
    const entry = entries[index];
    if (!entry) continue;
    const make = () => (NOTES[entry.kind] ? note(entry) : message(entry, chat));
    rows.push({ key: `entry:${entry.id}`, print: JSON.stringify(entry), make });
  }
  return rows;
}

/** What an entry is to somebody who hears of it. */
export function spoken(entry) {
  const text = safeHtml(entry.body).textContent.trim();
  if (entry.kind === 'summary') return `Internal note, summary: ${text}`;
  if (entry.kind === 'activity') return 'Internal note with activity';
  return NOTES[entry.kind] ? `Internal note: ${text}` : `${entry.author}: ${text}`;
}

const classes = (entry, ...more) =>
  ['entry', entry.kind, entry.redacted && 'removed', ...more].filter(Boolean).join(' ');

/** What the team alone reads. */
function note(entry) {
  const head = element(
    'header',
    {},
    icon('lock'),
    element('strong', {}, NOTES[entry.kind]),
    element('span', { className: 'internal' }, 'Internal note'),
    element('span', { className: 'by' }, entry.author),
    time(entry.at),
  );
  const body = element('div', { className: 'body' }, safeHtml(entry.body));
  // Both kinds of ours begin with a paragraph that says which session, and when.
  if (entry.kind !== 'note') body.firstElementChild?.classList.add('facts');
  const more = body.querySelectorAll('br').length > MOST_LINES && moreButton(body);
  return element('article', { className: classes(entry, 'internal-note') }, head, body, more);
}

/** Cuts a long body off, and makes the button that shows all of it. */
function moreButton(body) {
  body.classList.add('cut');
  const button = element('button', { type: 'button', className: 'more' });
  const render = () => {
    const isCut = body.classList.contains('cut');
    button.setAttribute('aria-expanded', String(!isCut));
    button.textContent = isCut ? 'Show all of it' : 'Show less';
  };
  button.addEventListener('click', () => {
    body.classList.toggle('cut');
    render();
  });
  render();
  return button;
}

/** What the visitor reads, too. */
function message(entry, chat) {
  const tag = (shown, text) => shown && element('span', { className: 'tag' }, text);
  const ours = entry.kind === 'reply';
  const head = element(
    'header',
    {},
    // Pictures are named in a tip and never fetched: the page loads nothing from elsewhere.
    element('span', { title: (chat === 'crisp' && entry.avatar) || '' }, avatar(entry.author)),
    element('strong', {}, entry.author),
    tag(entry.automated, 'Bot'),
    tag(entry.edited && !entry.redacted, 'Edited'),
    time(entry.at),
  );
  const body = element('div', { className: 'body' }, safeHtml(entry.body));
  const call = ours && entry.call && botCall(entry.call, entry.at);
  return element('article', { className: classes(entry) }, head, body, call);
}

function removedGroup(entries, old) {
  const lines = entries.map(({ body, at }) =>
    element('li', {}, time(at), ' ', element('s', {}, safeHtml(body).textContent.trim())),
  );
  const details = element(
    'details',
    { className: 'gone', open: old?.open ?? false },
    element(
      'summary',
      {},
      icon('erased'),
      count(entries.length, 'note'),
      ' redacted',
      unseen(', what they said is gone'),
    ),
    element('ul', {}, ...lines),
  );
  return details;
}
