import { byId, element } from '/dom.js';

const NAMES = { stream: 'Stream', intercom: 'Intercom', crisp: 'Crisp' };
const WORKING = { true: true, working: true };
const WORDS = { true: 'connected', false: 'nobody listens', working: 'connected' };
Object.assign(WORDS, { none: 'nobody listens', failing: 'failing' });

const TROUBLE = {
  stream: 'n8n does not listen to the stream: what visitors do now is not remembered.',
  none: (name) => `No published workflow listens to ${name}: messages there start nothing.`,
  failing: (name) => `n8n did not take the latest message from ${name}.`,
};

/** Shows at the foot of the list whether n8n takes what the simulators tell. */
export function renderConnections(connections) {
  const names = Object.keys(NAMES);
  const marks = names.map((name) => {
    const state = connections[name];
    const fine = WORKING[state] === true;
    return element(
      'li',
      { className: fine ? 'fine' : 'broken', title: `${NAMES[name]}: ${WORDS[state]}` },
      NAMES[name],
      element('span', { className: 'unseen' }, `: ${WORDS[state]}`),
    );
  });
  byId('links').replaceChildren(...marks);
  byId('trouble').textContent = troubleIn(connections);
}

function troubleIn(connections) {
  const chats = ['intercom', 'crisp'].filter((chat) => WORKING[connections[chat]] !== true);
  if (
    !connections.stream &&
    chats.length === 2 &&
    chats.every((one) => connections[one] === 'none')
  ) {
    return 'n8n is not there, or none of its workflows is published. Nothing that happens here is remembered or answered.';
  }
  const lines = chats.map((chat) => TROUBLE[connections[chat]](NAMES[chat]));
  return [...(connections.stream ? [] : [TROUBLE.stream]), ...lines].join(' ');
}
