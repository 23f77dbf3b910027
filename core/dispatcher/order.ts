/** What a thing needs to stand in an order: one of these for each order it can be in. */
export interface Link<L> {
  before?: L;
  after?: L;
  placed: boolean;
}

/** A queue from which a link in the middle can leave, every operation in constant time. */
export interface Order<L> {
  /** The first link, from which `after` leads on. */
  first(): L | undefined;
  /** Puts the link last, wherever it stood before. */
  append(link: L): void;
  /** Takes the link out; one that is not in stays out. */
  remove(link: L): void;
}

/**
 * A doubly linked list. A `Map` or `Set` would keep the order as well, but finding its first entry
 * steps over every entry deleted before it: a queue that is emptied at the front, entry by entry,
 * gets slower the longer it was.
 */
export function createOrder<L extends Link<L>>(): Order<L> {
  let first: L | undefined;
  let last: L | undefined;

  function remove(link: L): void {
    if (!link.placed) return;
    if (link.before) link.before.after = link.after;
    else first = link.after;
    if (link.after) link.after.before = link.before;
    else last = link.before;
    link.before = link.after = undefined;
    link.placed = false;
  }

  return {
    first: () => first,
    remove,
    append(link) {
      remove(link);
      link.before = last;
      link.placed = true;
      if (last) last.after = link;
      else first = link;
      last = link;
    },
  };
}
