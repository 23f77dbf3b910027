import { shortLine } from '../text/visible';
import type { Element } from './elements';

/** What was acted on, in the words of the page. */
export interface Target {
  /** Its text or another name; '' if it has none. */
  label: string;
  /** What it is: button, link, field …; '' for anything else. */
  kind: string;
}

/** A longer text is that of a whole section. */
const LONGEST_LABEL = 120;

/** Where the name of an element stands; the first that has one is taken. */
const LABELS = ['text', 'attr__aria-label', 'attr__title', 'attr__alt', 'attr__placeholder'];
/** Names that developers give: words run together. */
const NAMES = ['attr__data-attr', 'attr__data-testid', 'attr__name', 'attr_id'];

const KINDS: Record<string, string> = {
  a: 'link',
  button: 'button',
  form: 'form',
  img: 'image',
  input: 'field',
  label: 'label',
  option: 'option',
  select: 'list',
  summary: 'section',
  textarea: 'field',
  video: 'video',
};
const INPUTS: Record<string, string> = {
  button: 'button',
  checkbox: 'checkbox',
  image: 'button',
  radio: 'option',
  reset: 'button',
  submit: 'button',
};
const ROLES: Record<string, string> = {
  button: 'button',
  checkbox: 'checkbox',
  link: 'link',
  menuitem: 'menu item',
  option: 'option',
  radio: 'option',
  switch: 'switch',
  tab: 'tab',
};

const FIELDS = ['input', 'select', 'textarea'];

/** Elements whose own name says what they are; around all others, a button or link is looked for. */
const OWN_NAME = ['a', 'button', 'form', 'input', 'select', 'textarea', 'option'];

/**
 * What a person would call the element that was acted on. An icon within a button counts as the button.
 *
 * @param elements the element and those around it, the innermost first; can be gone through more than once
 * @param said the text that the SDK found in it; '' if none
 */
export function targetOf(elements: Iterable<Element>, said: string): Target {
  const first = find(elements, () => true);
  if (!first) return { label: labelled(said), kind: '' };
  const around = OWN_NAME.includes(first.tag) ? first : (find(elements, isControl) ?? first);
  const own = labelled(said) || textOf(first, LABELS);
  const label = own || textOf(around, LABELS) || textAround(elements, around);
  return { label: label || wordsOf(textOf(around, NAMES)), kind: kindOf(around) };
}

/** The text of the label that a field stands in. */
function textAround(elements: Iterable<Element>, { tag }: Element): string {
  const label = FIELDS.includes(tag) ? find(elements, (one) => one.tag === 'label') : undefined;
  return label ? textOf(label, ['text']) : '';
}

/** The innermost that is so. Those further out are not even read. */
function find(elements: Iterable<Element>, is: (one: Element) => boolean): Element | undefined {
  for (const one of elements) if (is(one)) return one;
  return undefined;
}

function isControl(element: Element): boolean {
  return element.tag === 'a' || element.tag === 'button' || roleOf(element) in ROLES;
}

function kindOf(element: Element): string {
  const { tag, attributes } = element;
  const byRole = ROLES[roleOf(element)];
  if (byRole) return byRole;
  const type = attributes.get('attr__type')?.toLowerCase() ?? '';
  return (
    (tag === 'input' && Object.hasOwn(INPUTS, type) && INPUTS[type]) ||
    (Object.hasOwn(KINDS, tag) ? KINDS[tag]! : '')
  );
}

function roleOf({ attributes }: Element): string {
  const role = attributes.get('attr__role')?.toLowerCase() ?? '';
  return Object.hasOwn(ROLES, role) ? role : '';
}

function textOf({ attributes }: Element, keys: readonly string[]): string {
  for (const key of keys) {
    const label = labelled(attributes.get(key) ?? '');
    if (label) return label;
  }
  return '';
}

const labelled = (text: string) => shortLine(text.slice(0, 1_000), LONGEST_LABEL);

/** A name that a developer gave, as words: `workEmail` and `work_email` become `work email`. */
export function wordsOf(name: string): string {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/[\s_\-.:/]+/g, ' ')
    .trim()
    .toLowerCase();
}
