const PER_PAGE_LIMIT = 150;

/**
 * One page of a list and the `pages` object that leads to the next; a cursor is the id of the last item
 * of the page before.
 *
 * @param usual items on a page when the caller does not say
 */
export function paginate<T extends { id: string }>(
  all: T[],
  perPage: unknown,
  after: unknown,
  usual: number,
) {
  const size = Math.min(Math.max(Number(perPage ?? usual) || usual, 1), PER_PAGE_LIMIT);
  const from = after ? all.findIndex(({ id }) => id === after) + 1 : 0;
  const items = all.slice(from, from + size);
  const page = Math.floor(from / size) + 1;
  const more = from + size < all.length;
  const next = more ? { next: { page: page + 1, starting_after: items.at(-1)!.id } } : {};
  const total_pages = Math.ceil(all.length / size);
  return { items, pages: { type: 'pages', ...next, page, per_page: size, total_pages } };
}
