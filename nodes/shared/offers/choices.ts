import type { INodeProperties } from 'n8n-workflow';
import type { Choice, ChoiceKind } from '../../../core/manners/types';
import { oneLine, shorten, visible } from '../../../core/text/visible';
import { choiceField } from '../operations/parameters';
import type { Item } from '../operations/run';

const MOST_CHOICES = 3;
/** Longer labels do not fit a button, in characters. */
const LONGEST_LABEL = 40;

const NO: Choice = { value: 'no', kind: 'no', label: 'No, thanks' };

const label: INodeProperties = {
  displayName: 'Label',
  name: 'label',
  type: 'string',
  default: '',
  placeholder: 'e.g. Show me',
  description: 'What the visitor reads on the button',
};

const kind = choiceField<ChoiceKind>({
  displayName: 'Leads To',
  name: 'kind',
  type: 'options',
  options: [
    { name: 'A Link', value: 'link', description: 'An address that the answer contains' },
    { name: 'A Person', value: 'person', description: 'Somebody of your team' },
    { name: 'A Tour', value: 'tour', description: 'An address that starts a tour of your product' },
    { name: 'An Answer', value: 'help', description: 'The bot answers' },
    { name: 'Nothing', value: 'no', description: 'A plain no, which is remembered' },
  ],
  default: 'help',
  description: 'What comes after it: Record Choice passes it on, and the workflow goes on by it',
});

const url: INodeProperties = {
  displayName: 'Address',
  name: 'url',
  type: 'string',
  displayOptions: { show: { kind: ['link', 'tour'] } },
  default: '',
  placeholder: 'e.g. https://app.example.com/pricing?tour=plans',
};

export const choicesField: INodeProperties = {
  displayName: 'Choices',
  name: 'choices',
  type: 'fixedCollection',
  placeholder: 'Add Choice',
  typeOptions: { multipleValues: true, sortable: true },
  default: {
    choice: [
      { label: 'Yes, please', kind: 'help' },
      { label: NO.label, kind: NO.kind },
    ],
  },
  description:
    'What the visitor can answer, three at most. One is always a plain no, which is added where it is missing.',
  options: [{ displayName: 'Choice', name: 'choice', values: [label, kind, url] }],
};

/** An item's choices, with a plain no. @throws NodeOperationError for too many, or one without a label or an address */
export function choicesOf(item: Item): Choice[] {
  const counts = new Map<ChoiceKind, number>();
  const choices = item.entries(choicesField, 'choice').map((reader): Choice => {
    const said = shorten(oneLine(visible(reader.text(label))), LONGEST_LABEL).trim();
    if (said === '')
      throw item.fault('A choice has no label', 'Fill in Label, or remove the choice.');
    const chosen = reader.choice(kind);
    const nth = (counts.get(chosen) ?? 0) + 1;
    counts.set(chosen, nth);
    const value = nth === 1 ? chosen : `${chosen}_${nth}`;
    if (chosen !== 'link' && chosen !== 'tour') return { value, label: said, kind: chosen };
    return { value, label: said, kind: chosen, url: addressOf(item, reader.text(url), said) };
  });
  const all = counts.has('no') ? choices : [...choices, NO];
  if (all.length <= MOST_CHOICES) return all;
  throw item.fault(
    `An offer has at most ${MOST_CHOICES} choices, and one of them is a plain no`,
    'Remove choices in the node.',
  );
}

/** @throws NodeOperationError for what is no address of a page */
function addressOf(item: Item, given: string, said: string): string {
  const parsed = URL.parse(given);
  if (parsed && (parsed.protocol === 'https:' || parsed.protocol === 'http:')) return parsed.href;
  throw item.fault(
    `The choice "${said}" leads to no address`,
    'Fill in Address with a whole one that begins with https://.',
  );
}
