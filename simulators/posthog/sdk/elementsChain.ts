/** An element that was acted on, or one that it stands in, in the list form of older SDKs. */
export interface ListedElement {
  tag_name?: string;
  $el_text?: string;
  classes?: string[];
  nth_child?: number;
  nth_of_type?: number;
  /** `attr__href`, `attr__id`, `attr__class` and so on. */
  [attribute: string]: unknown;
}

const TEXT_MOST = 400;
const HREF_MOST = 2_048;

/** The elements chain of an event: as it came, or made from the list of older SDKs; '' if there is neither. */
export function chainOf(properties: Record<string, unknown>): string {
  const { $elements_chain: chain, $elements: list } = properties;
  if (typeof chain === 'string') return chain;
  return Array.isArray(list) ? toChain(list as ListedElement[]) : '';
}

/**
 * Elements in PostHog's text form, the target first. In values, only quotes are escaped: a backslash is not, so a
 * value that ends with one swallows what follows, as PostHog's own does.
 */
export function toChain(elements: readonly ListedElement[]): string {
  return elements.map(toElement).join(';');
}

function toElement(element: ListedElement): string {
  const { tag_name, $el_text, attr__href, attr__id, nth_child, nth_of_type } = element;
  const pairs = Object.entries({
    ...(text($el_text) && { text: text($el_text)!.slice(0, TEXT_MOST) }),
    ...(text(attr__href) && { href: text(attr__href)!.slice(0, HREF_MOST) }),
    ...(text(attr__id) && { attr_id: text(attr__id)! }),
    'nth-child': String(nth_child ?? 0),
    'nth-of-type': String(nth_of_type ?? 0),
    ...Object.fromEntries(
      Object.entries(element)
        .filter(([name, value]) => name.startsWith('attr__') && text(value))
        .map(([name, value]) => [name, text(value)!]),
    ),
  });
  const attributes = pairs
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `${name}="${value.replaceAll('"', '\\"')}"`)
    .join('');
  const classes = classesOf(element).map((name) => `.${name.replaceAll('"', '')}`);
  return `${tag_name ?? ''}${classes.join('')}:${attributes}`;
}

function classesOf({ classes, attr__class }: ListedElement): string[] {
  const given = classes ?? (typeof attr__class === 'string' ? attr__class.split(/\s+/) : []);
  return given.filter((name) => name !== '').sort();
}

const text = (value: unknown): string | undefined => {
  if (Array.isArray(value)) return value.join(' ');
  return typeof value === 'string' && value !== '' ? value : undefined;
};
