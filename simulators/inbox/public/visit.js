import { call } from '/api.js';
import { announce } from '/announce.js';
import { byId, count, element, emptyState, icon, inShort, time } from '/dom.js';
import { keep, markFresh } from '/keep.js';
import { selectedPerson, state } from '/state.js';

const ACTIONS_SHOWN = 150;
const ICONS = new Set(['pageview', 'click', 'type', 'submit', 'focus', 'blur']);
let shown = [];
let drawn;
/** What the chosen visitor did since the page last asked. */
let since = [];

/** Fetches what the chosen visitor did, and draws it with the buttons that make them do more. */
export async function loadVisit() {
  const { selected } = state;
  const person = selectedPerson();
  since = [];
  if (drawn !== person?.id) shown = [];
  const path = `/api/people/${person?.id}/activity`;
  // Where the server is gone, the page says so already.
  const actions = person ? await call('GET', path).catch(() => []) : [];
  if (state.selected !== selected) return;
  byId('acts').hidden = byId('active-label').hidden = !person;
  byId('session').textContent = person ? `Session ${person.sessionId}` : '';
  byId('session').title = person?.sessionId ?? '';
  if (person) byId('active').checked = person.active;
  // An answer may be older than what the server has told of since.
  shown = joined(actions, since);
  renderActions(person);
}

function joined(earlier, later) {
  const known = new Set(earlier.map(({ serial }) => serial));
  return [...earlier, ...later.filter(({ serial }) => !known.has(serial))].slice(-ACTIONS_SHOWN);
}

function renderActions(person) {
  const list = byId('actions');
  const first = drawn !== person?.id;
  if (first) list.replaceChildren();
  drawn = person?.id;
  const rows = shown.toReversed().map((action) => ({
    key: String(action.serial),
    print: `${action.serial} ${action.at}`,
    make: () => actionRow(action),
  }));
  const none = () => element('li', {}, nothing(person));
  const wasEmpty = list.querySelector('.empty') !== null;
  const added = keep(list, rows.length ? rows : [{ key: 'none', print: '', make: none }]);
  if (first && !wasEmpty) return;
  markFresh(list, added);
}

const nothing = (person) =>
  person
    ? emptyState('pulse', 'Nothing yet', 'What they do on the site shows up here as it happens.')
    : emptyState('person', 'Nobody selected', 'Choose a visitor to watch what they do.');

/** Adds what somebody just did, if they are the chosen one. */
export function addActions(personId, actions) {
  const person = selectedPerson();
  if (person?.id !== personId) return;
  since = joined(since, actions);
  shown = joined(shown, actions);
  renderActions(person);
}

function actionRow({ type, description, path, at }) {
  const mark = element('span', { className: `mark ${ICONS.has(type) ? type : ''}`, title: type });
  mark.append(icon(ICONS.has(type) ? type : 'pulse'));
  return element(
    'li',
    { className: 'action' },
    mark,
    element(
      'span',
      { className: 'what' },
      inShort(description),
      element('span', { className: 'where' }, path),
    ),
    time(at),
  );
}

/** Connects the buttons on the right. */
export function listenToVisit() {
  byId('acts').addEventListener('click', async ({ target }) => {
    const { act } = target.dataset;
    const person = selectedPerson();
    if (!act || !person) return;
    const done = await call('POST', `/api/people/${person.id}/acts`, { act }).catch(() => null);
    announce(done ? `${person.name} did ${count(done.count, 'thing')}` : 'That did not work');
  });
  byId('active').addEventListener('change', async ({ target }) => {
    const person = selectedPerson();
    const wanted = { active: target.checked };
    const answer = await call('POST', `/api/people/${person.id}/active`, wanted).catch(
      () => person,
    );
    person.active = target.checked = answer.active;
  });
}
