/** What a thing needs to be in a list: one node for each list it can be in. */
export interface ListNode<N> {
  before?: N;
  after?: N;
  /** Whether the node is in its list. */
  placed: boolean;
}

/** A queue from the middle of which a node can leave. Every operation takes constant time. */
interface List<N> {
  /** The first node, from which `after` leads to the others. */
  first(): N | undefined;
  /** Puts the node last, wherever it was before. */
  append(node: N): void;
  /** Takes the node out; does nothing if it is not in the list. */
  remove(node: N): void;
}

/**
 * Creates a doubly linked list. A `Map` or `Set` would keep the order as well, but finding its first entry
 * steps over every deleted entry before it: a queue that is emptied entry by entry gets slower the longer
 * it was.
 */
export function createList<N extends ListNode<N>>(): List<N> {
  let first: N | undefined;
  let last: N | undefined;

  function remove(node: N): void {
    if (!node.placed) return;
    if (node.before) node.before.after = node.after;
    else first = node.after;
    if (node.after) node.after.before = node.before;
    else last = node.before;
    node.before = node.after = undefined;
    node.placed = false;
  }

  return {
    first: () => first,
    remove,
    append(node) {
      remove(node);
      node.before = last;
      node.placed = true;
      if (last) last.after = node;
      else first = node;
      last = node;
    },
  };
}
