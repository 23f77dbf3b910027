/** A place in an order. One link belongs to one order at a time. */
export interface Link<T> {
  readonly value: T;
  before?: Link<T>;
  after?: Link<T>;
  placed: boolean;
}

/** A queue from which a link in the middle can leave, every operation in constant time. */
export interface Order<T> {
  first(): T | undefined;
  /** The first link itself, from which `after` leads on. */
  head(): Link<T> | undefined;
  /** Puts the link last, wherever it stood before. */
  append(link: Link<T>): void;
  /** Takes the link out; one that is not in stays out. */
  remove(link: Link<T>): void;
}

export function createLink<T>(value: T): Link<T> {
  return { value, placed: false };
}

/**
 * A doubly linked list. A `Map` or `Set` would keep the order as well, but finding its first entry
 * steps over every entry deleted before it: a queue that is emptied at the front, entry by entry,
 * gets slower the longer it was.
 */
export function createOrder<T>(): Order<T> {
  let head: Link<T> | undefined;
  let tail: Link<T> | undefined;

  function remove(link: Link<T>): void {
    if (!link.placed) return;
    if (link.before) link.before.after = link.after;
    else head = link.after;
    if (link.after) link.after.before = link.before;
    else tail = link.before;
    link.before = link.after = undefined;
    link.placed = false;
  }

  return {
    first: () => head?.value,
    head: () => head,
    remove,
    append(link) {
      remove(link);
      link.before = tail;
      link.placed = true;
      if (tail) tail.after = link;
      else head = link;
      tail = link;
    },
  };
}
