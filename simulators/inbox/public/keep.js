/** What each element was made from, to tell whether it is still right. */
const prints = new WeakMap();

/**
 * Makes an element's children those that are wanted, and leaves alone what is right already: what is
 * focused, open, or being read stays so, and only what is new moves.
 *
 * @param {Element} container
 * @param {{ key: string, print: string, make: (old?: Element) => Element }[]} wanted in order; a
 *   child is made anew when its `print` has changed
 * @returns {Set<string>} the keys that were not there before
 */
export function keep(container, wanted) {
  const focused = document.activeElement;
  const hadFocus = container.contains(focused) && focused.closest('[data-keep]')?.dataset.keep;
  const old = new Map([...container.children].map((child) => [child.dataset.keep, child]));
  const added = new Set();
  const children = wanted.map(({ key, print, make }) => {
    const known = old.get(key);
    if (known && prints.get(known) === print) return known;
    if (!known) added.add(key);
    const made = make(known);
    made.dataset.keep = key;
    prints.set(made, print);
    return made;
  });
  const staying = new Set(children);
  for (const child of [...container.children]) if (!staying.has(child)) child.remove();
  children.forEach((child, index) => {
    if (container.children[index] !== child) {
      container.insertBefore(child, container.children[index] ?? null);
    }
  });
  // An element that was made anew, or has moved, has lost the focus.
  if (hadFocus && document.activeElement !== focused) {
    const again = children.find((child) => child.dataset.keep === hadFocus);
    const target = again?.contains(focused) ? focused : again?.querySelector('button, summary');
    target?.focus({ preventScroll: true });
  }
  return added;
}

/** Shows the children that `keep` says it added as new. */
export function markFresh(container, added) {
  for (const child of container.children) {
    if (added.has(child.dataset.keep)) child.classList.add('fresh');
  }
}
