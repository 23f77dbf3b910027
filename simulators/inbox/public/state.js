/** Everything the page knows. `selected` is `conversation:<id>`, `person:<id>` or empty. */
export const state = {
  people: [],
  conversations: [],
  /** What each person did last, by the person's id. */
  latest: new Map(),
  selected: location.hash.slice(1),
  thread: null,
};

export const CHATS = { intercom: 'Intercom', crisp: 'Crisp' };

export const byId = (id) => document.getElementById(id);

/** The value of the chosen one of a group of radio buttons. */
export const chosen = (name) => document.querySelector(`input[name="${name}"]:checked`).value;

/** Asks the page's own server; a refusal is an Error with its words. */
export async function call(method, path, body) {
  const init = body && {
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  };
  const response = await fetch(path, { method, ...init });
  const value = await response.json();
  if (!response.ok) throw new Error(value.error);
  return value;
}

/** The demo visitor who is chosen, or whose conversation is. */
export function selectedPerson() {
  const [kind, id] = state.selected.split(':');
  const personId =
    kind === 'person' ? id : state.conversations.find((one) => one.id === id)?.personId;
  return state.people.find((person) => person.id === personId);
}
