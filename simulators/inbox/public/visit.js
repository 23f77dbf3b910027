import { element, emptyState, inShort, time } from '/dom.js';
import { byId, call, selectedPerson, state } from '/state.js';

const ACTIONS_SHOWN = 150;
const MARKS = { pageview: '◧', click: '◉', submit: '✓', type: '⌨', focus: '▸', blur: '◂' };

/** Fetches what the chosen visitor did, and draws it with the buttons that make them do more. */
export async function loadVisit() {
  const { selected } = state;
  const person = selectedPerson();
  const actions = person ? await call('GET', `/api/people/${person.id}/activity`) : [];
  if (state.selected !== selected) return;
  byId('acts').hidden = byId('active-label').hidden = !person;
  if (person) byId('active').checked = person.active;
  const list = byId('actions');
  if (!person) {
    const text = 'Choose a visitor to watch what they do.';
    return list.replaceChildren(element('li', {}, emptyState('Nobody selected', text)));
  }
  if (actions.length === 0) {
    const text = 'What they do on the site shows up here as it happens.';
    return list.replaceChildren(element('li', {}, emptyState('Nothing yet', text)));
  }
  list.replaceChildren(...actions.toReversed().map((action) => actionRow(action, false)));
}

/** Adds what somebody just did, if they are the chosen one. */
export function addActions(personId, actions) {
  if (selectedPerson()?.id !== personId) return;
  const list = byId('actions');
  list.querySelector('.empty')?.parentElement.remove();
  list.prepend(...actions.toReversed().map((action) => actionRow(action, true)));
  while (list.children.length > ACTIONS_SHOWN) list.lastElementChild.remove();
}

function actionRow(action, fresh) {
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

/** Connects the buttons on the right. */
export function listenToVisit() {
  byId('acts').addEventListener('click', ({ target }) => {
    const { act } = target.dataset;
    const person = selectedPerson();
    if (act && person) void call('POST', `/api/people/${person.id}/acts`, { act });
  });
  byId('active').addEventListener('change', async ({ target }) => {
    const person = selectedPerson();
    const answer = await call('POST', `/api/people/${person.id}/active`, {
      active: target.checked,
    });
    person.active = answer.active;
  });
}
