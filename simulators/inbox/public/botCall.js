import { count, element, icon, inShort, time } from '/dom.js';

/** So many actions are shown at once. */
const SHOWN = 6;

/** Folded under an answer: what its model was told of the visitor, and the whole prompt. */
export function botCall({ at, model, record, messages }) {
  const details = element(
    'details',
    { className: 'knew' },
    element(
      'summary',
      {},
      icon('eye'),
      element('strong', {}, 'What the bot knew'),
      element('span', {}, inBrief(record)),
    ),
    element(
      'div',
      { className: 'knowledge' },
      ...told(record),
      element(
        'p',
        { className: 'source' },
        'Taken from the prompt that ',
        element('span', {}, model),
        ' gave this answer to, at ',
        time(at),
        '.',
      ),
      wholePrompt(messages),
    ),
  );
  // Below the latest answer it would open out of sight.
  details.addEventListener('toggle', () => {
    if (details.open) details.closest('.entry').scrollIntoView({ block: 'nearest' });
  });
  return details;
}

function inBrief(record) {
  if (!record) return 'a prompt without a record of activity';
  const { before, actions } = record;
  if (actions.length === 0) return before === '' ? 'nothing' : 'no recent actions';
  const listed = count(actions.length, 'action');
  return before === '' ? listed : `summary and ${listed}`;
}

function told(record) {
  if (!record) return [];
  const { before, actions } = record;
  const parts = [];
  if (before !== '') {
    const title = actions.length > 0 ? 'Summary of what came before' : 'Told of their activity';
    parts.push(element('h3', {}, title), element('p', { className: 'before' }, before));
  }
  if (actions.length > 0) parts.push(element('h3', {}, 'Latest actions'), ...listed(actions));
  return parts;
}

/** The last few, and the others folded. */
function listed(actions) {
  const first = Math.max(actions.length - SHOWN, 0);
  // A fold for a single line would take its place.
  if (first <= 1) return [places(actions)];
  const earlier = element(
    'details',
    { className: 'earlier' },
    element('summary', {}, `${first} before these`),
    places(actions.slice(0, first)),
  );
  return [earlier, places(actions.slice(first))];
}

/** What was done one after the other on a page stands together below it. */
function places(actions) {
  const list = element('ol', { className: 'places' });
  let last;
  for (const { type, description, page } of actions) {
    if (page !== last) {
      list.append(element('li', {}, element('span', { className: 'where' }, page), element('ol')));
    }
    last = page;
    const action = [element('span', { className: 'type' }, type), inShort(description)];
    list.lastChild.lastChild.append(element('li', {}, ...action));
  }
  return list;
}

function wholePrompt(messages) {
  const parts = messages.map(({ role, text }) =>
    element('section', {}, element('h4', {}, role), element('pre', {}, text)),
  );
  return element(
    'details',
    { className: 'prompt' },
    element('summary', {}, 'The whole prompt'),
    ...parts,
  );
}
