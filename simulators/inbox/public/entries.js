import { avatar, element, time } from '/dom.js';
import { safeHtml } from '/safeHtml.js';

const LABELS = { activity: 'Activity note', summary: 'Summary', note: 'Note' };

/** A thread's entries; notes taken back that follow one another are folded into one line. */
export function threadRows({ entries, chat }, isFresh, openGroups) {
  const rows = [];
  for (let index = 0; index < entries.length; index += 1) {
    const gone = [];
    while (entries[index]?.redacted && LABELS[entries[index].kind]) {
      gone.push(entries[index]);
      index += 1;
    }
    if (gone.length > 0) rows.push(removedGroup(gone, openGroups));
    if (entries[index]) rows.push(entryRow(entries[index], chat, isFresh(entries[index])));
  }
  return rows;
}

function entryRow(entry, chat, fresh) {
  const label = LABELS[entry.kind];
  const tag = (shown, text) => (shown ? element('span', { className: 'tag' }, text) : null);
  const head = element(
    'header',
    {},
    label ? element('span', { className: 'label' }, label) : null,
    // Pictures are named in a tip and never fetched: the page loads nothing from elsewhere.
    chat === 'crisp' && entry.kind === 'reply'
      ? element('span', { title: entry.avatar ?? '' }, avatar(entry.author))
      : null,
    element('span', {}, entry.author),
    tag(entry.automated && !label, 'Automated'),
    tag(entry.edited && !entry.redacted, 'Edited'),
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
