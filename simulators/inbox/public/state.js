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

/** The demo visitor who is chosen, or whose conversation is. */
export function selectedPerson() {
  const [kind, id] = state.selected.split(':');
  const personId =
    kind === 'person' ? id : state.conversations.find((one) => one.id === id)?.personId;
  return state.people.find((person) => person.id === personId);
}
