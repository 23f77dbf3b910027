import type { ListedElement } from './elementsChain';

/** An element of a small document. */
export interface DomElement {
  tag: string;
  /** Its own text; without children. */
  text?: string;
  attributes?: Readonly<Record<string, string>>;
  children?: readonly DomElement[];
}

/** Shorthand for an element. A last argument that is a text is its text, else these are its children. */
export function el(
  tag: string,
  attributes: Record<string, string> = {},
  ...inside: readonly (DomElement | string)[]
): DomElement {
  const text = inside.filter((one) => typeof one === 'string').join('');
  const children = inside.filter((one) => typeof one !== 'string');
  return {
    tag,
    attributes,
    ...(text !== '' && { text }),
    ...(children.length > 0 && { children }),
  };
}

const TEXT_MOST = 400;
const VALUE_MOST = 1_024;

/**
 * What posthog-js notes of an element that was acted on: the element and all that it is in, innermost first. Labels of
 * buttons and links contain those of the spans in them; what a field holds is never noted.
 *
 * @throws Error if the element is not in the document
 */
export function pathOf(document: DomElement, target: DomElement): ListedElement[] {
  const path = find(document, target);
  if (!path) throw new Error('The element is not in the document');
  return path
    .map((element, depth) => listed(element, path[depth - 1]?.children ?? [element]))
    .reverse();
}

/** From the document to the target; undefined if it is not in there. */
function find(within: DomElement, target: DomElement): DomElement[] | undefined {
  if (within === target) return [within];
  for (const child of within.children ?? []) {
    const rest = find(child, target);
    if (rest) return [within, ...rest];
  }
  return undefined;
}

function listed(element: DomElement, siblings: readonly DomElement[]): ListedElement {
  const { tag, attributes = {} } = element;
  const text = labelOf(element);
  const classes = (attributes.class ?? '').split(' ').filter((name) => name !== '');
  const place = siblings.indexOf(element);
  return {
    tag_name: tag,
    ...(text !== '' && { $el_text: text }),
    ...(classes.length > 0 && { classes }),
    ...Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => [`attr__${name}`, cut(value)]),
    ),
    nth_child: place + 1,
    nth_of_type: siblings.slice(0, place + 1).filter((one) => one.tag === tag).length,
  };
}

function labelOf({ tag, text = '', children = [] }: DomElement): string {
  const inner = ['a', 'button'].includes(tag)
    ? children.filter(({ tag: name }) => name === 'span').map(labelOf)
    : [];
  return [text, ...inner].join(' ').trim().slice(0, TEXT_MOST);
}

const cut = (value: string): string =>
  value.length > VALUE_MOST ? `${value.slice(0, VALUE_MOST)}...` : value;
