const HINT = 'autoplay-demo-steps';

/** Whether the reader has not hidden the first steps. A browser may not let a page remember that. */
function hintWanted() {
  try {
    return localStorage.getItem(HINT) !== 'hidden';
  } catch {
    return true;
  }
}

/** Keeps the reader's choice for the next visit. */
export function keepHint(shown) {
  try {
    localStorage.setItem(HINT, shown ? 'shown' : 'hidden');
  } catch {
    // It is asked again.
  }
}

/** Everything the page knows. The views are drawn from it, and from nothing else. */
export const state = {
  /** What runs around the page: n8n, its workflows, and which services are simulated. */
  demo: {
    ...{ n8n: null, workflows: [], simulated: {}, silentMinutes: 0, offers: false, agents: {} },
    website: null,
  },
  /** Whether the first steps are shown. */
  hint: hintWanted(),
  /** The demo visitors, each with the `actions` of their visit, oldest first. */
  people: [],
  /** The list entries of both chat products, latest activity first. */
  conversations: [],
  /** Whether n8n receives what the simulators send; null until the server has answered. */
  connections: null,
  /** What offers have come to, by rule and chat product; null until the server has answered. */
  offers: null,
  /** Why that cannot be read; empty when it can. */
  offersError: '',
  /** `conversation:<id>`, `person:<id>`, `offers` or empty. */
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
  /** What the AI agent of the chat product asked n8n, and was answered, by what was selected then. */
  questions: {},
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
