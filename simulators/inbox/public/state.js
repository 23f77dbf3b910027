/** Everything the page knows. The views are drawn from it, and from nothing else. */
export const state = {
  /** The demo visitors, each with the `actions` of their visit, oldest first. */
  people: [],
  /** The list entries of both chat products, latest activity first. */
  conversations: [],
  /** Whether n8n receives what the simulators send; null until the server has answered. */
  connections: null,
  /** `conversation:<id>`, `person:<id>` or empty. */
  selected: location.hash.slice(1),
  /** The selected conversation with its messages and notes; null where a person is selected. */
  thread: null,
  /** Which chat product's conversations are listed: `all`, `intercom` or `crisp`. */
  filter: 'all',
  /** In which chat product the form starts a conversation. */
  chat: 'intercom',
  /** The author of what the form sends: `visitor` or `operator`. */
  as: 'visitor',
  /** What was typed and not sent, by what was selected then. */
  drafts: {},
  /** Why the last message was not sent; empty when it was. */
  sendError: '',
  /** Whether the page's own server does not answer. */
  offline: false,
};

export const CHATS = { intercom: 'Intercom', crisp: 'Crisp' };

/** The demo visitor who is selected, or whose conversation is. */
export function selectedPerson() {
  const [kind, id] = state.selected.split(':');
  const personId =
    kind === 'person' ? id : state.conversations.find((one) => one.id === id)?.personId;
  return state.people.find((person) => person.id === personId);
}
