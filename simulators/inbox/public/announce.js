import { byId } from '/dom.js';

const waiting = [];
let timer;

/**
 * Has something read out to those who do not see the page. What comes within a moment is read
 * together, for each text takes the place of the one before.
 */
export function announce(text) {
  waiting.push(text);
  timer ??= setTimeout(() => {
    byId('announcer').textContent = waiting.splice(0).join('. ');
    timer = undefined;
  }, 150);
}
