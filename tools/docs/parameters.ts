import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { code, either, prose, sentence } from './markdown';

/** The parameters that choose what a node does, and what they are set to. */
export type Choice = Record<string, string>;

/** Shown in the editor, and nothing to be set. */
const NO_PARAMETER = ['notice', 'hidden', 'button', 'callout'];

/** Whether the editor shows a parameter once `choice` is made; what else it depends on is left open. */
export function isShown({ displayOptions }: INodeProperties, choice: Choice): boolean {
  const has = (values: unknown, value: string) => Array.isArray(values) && values.includes(value);
  return Object.entries(choice).every(
    ([name, value]) =>
      (displayOptions?.show?.[name] === undefined || has(displayOptions.show[name], value)) &&
      !has(displayOptions?.hide?.[name], value),
  );
}

/** What {@link parameterLists} needs to know of the page around the lists. */
interface Around {
  /** Every parameter of the node: the source of the names that conditions use. */
  all: readonly INodeProperties[];
  /** A link to the description of a parameter elsewhere; undefined for one that belongs into these lists. */
  elsewhere: (property: INodeProperties) => string | undefined;
}

/** Lists of parameters, and of the options of each collection among them. */
export function parameterLists(
  parameters: readonly INodeProperties[],
  choice: Choice,
  { all = parameters, elsewhere = () => undefined }: Partial<Around> = {},
): string {
  const settable = settableOf(parameters, choice);
  /** @param beside fields that conditions may name besides those of the node */
  const lists = (properties: readonly INodeProperties[], beside: typeof properties = []) => {
    const here = properties.filter((property) => !elsewhere(property));
    const list = here.map((one) => entry(one, choice, [...beside, ...all])).join('\n');
    return [list, pointers(properties, elsewhere)].filter(Boolean).join('\n\n');
  };
  const collections = settable.filter(isCollection).map((property) => {
    const name = `${property.displayName}:`;
    const title = [conditionOf(property, choice, all), name].filter(Boolean).join(' ');
    return `${title}\n\n${lists(optionsOf(property), optionsOf(property))}`;
  });
  return [lists(settable.filter((property) => !isCollection(property))), ...collections]
    .filter(Boolean)
    .join('\n\n');
}

/** The parameters that have an entry in more than one of several lists, word for word the same. */
export function repeated(
  lists: ReadonlyArray<{ parameters: readonly INodeProperties[]; choice: Choice }>,
  all: readonly INodeProperties[],
): INodeProperties[] {
  const found = new Map<string, INodeProperties[]>();
  for (const { parameters, choice } of lists) {
    for (const property of settableOf(parameters, choice)) {
      if (isCollection(property)) continue;
      const text = entry(property, choice, all);
      found.set(text, [...(found.get(text) ?? []), property]);
    }
  }
  return [...found.values()].filter(({ length }) => length > 1).flat();
}

/**
 * One line a link: "_Conversation ID_ and _Author_: see [For several operations](…)." Fields that are shown for a choice
 * in one of these are not named.
 */
function pointers(properties: readonly INodeProperties[], elsewhere: Around['elsewhere']): string {
  const links = Map.groupBy(properties, elsewhere);
  links.delete(undefined);
  return [...links]
    .map(([link, named]) => {
      const free = named.filter((property) => !dependsOnField(property));
      const names = (free.length > 0 ? free : named).map((one) => `_${prose(one.displayName)}_`);
      return `${either(names, 'and')}: see ${link}.`;
    })
    .join('\n\n');
}

function dependsOnField({ displayOptions }: INodeProperties): boolean {
  const fields = Object.keys(displayOptions?.show ?? {});
  return fields.some((name) => !['resource', 'operation', '@version'].includes(name));
}

function settableOf(parameters: readonly INodeProperties[], choice: Choice): INodeProperties[] {
  return parameters.filter(
    (property) =>
      !NO_PARAMETER.includes(property.type) && !(property.name in choice) && !isOld(property),
  );
}

/** Whether only older versions of the node have the parameter like this. */
function isOld({ displayOptions }: INodeProperties): boolean {
  const versions = displayOptions?.show?.['@version'] ?? [];
  return versions.some((one) => typeof one === 'object' && one !== null && 'lt' in one._cnd);
}

function isCollection({ type }: INodeProperties): boolean {
  return type === 'collection' || type === 'fixedCollection';
}

function optionsOf({ options = [] }: INodeProperties): INodeProperties[] {
  return options.flatMap((option) =>
    'values' in option ? option.values : [option as unknown as INodeProperties],
  );
}

/** `- **Port** (5432): what it does`, with a line for each choice below it. */
function entry(property: INodeProperties, choice: Choice, all: readonly INodeProperties[]): string {
  const { choices, listed } = choicesOf(property);
  const text = [
    conditionOf(property, choice, all),
    sentence(property.description),
    // A hint that is computed says nothing outside of the editor.
    property.hint?.startsWith('=') ? '' : sentence(property.hint),
    rangeOf(property),
    property.required ? 'Required.' : '',
    choices,
  ]
    .filter(Boolean)
    .join(' ');
  const byDefault = defaultOf(property);
  const named = `**${prose(property.displayName)}**${byDefault && ` (${byDefault})`}`;
  const lines = listed.map((one) => `  - ${one}`);
  return [`- ${named}${text && `: ${text}`}`, ...lines].join('\n');
}

/** What a parameter is shown for, besides what the reader has chosen already. */
export function conditionOf(
  { displayOptions }: Pick<INodeProperties, 'displayOptions'>,
  choice: Choice,
  all: readonly INodeProperties[],
): string {
  const conditions = Object.entries(displayOptions?.show ?? {})
    .map(([path, values]) => ({ name: path.replace(/^\//, ''), values }))
    .filter(({ name }) => !(name in choice) && !name.startsWith('@'))
    .map(({ name, values }) => {
      const candidates = all.filter((one) => one.name === name);
      const on = candidates.find((one) => isShown(one, choice)) ?? candidates[0];
      const named = (values ?? []).map((value) => (on ? valueName(on, value) : String(value)));
      const verb = on?.type === 'multiOptions' ? 'has' : 'is';
      return `_${on?.displayName ?? name}_ ${verb} ${either(named)}`;
    });
  return conditions.length > 0 ? `Only if ${conditions.join(' and ')}.` : '';
}

function rangeOf({ typeOptions }: INodeProperties): string {
  const { minValue, maxValue } = typeOptions ?? {};
  if (minValue !== undefined && maxValue !== undefined) {
    return `From ${number(minValue)} to ${number(maxValue)}.`;
  }
  // That nothing is below zero goes without saying.
  if (minValue) return `At least ${number(minValue)}.`;
  return maxValue === undefined ? '' : `At most ${number(maxValue)}.`;
}

/** What can be chosen: in a sentence, or in lines of their own where they are described. */
function choicesOf(property: INodeProperties): { choices: string; listed: string[] } {
  if (property.type !== 'options' && property.type !== 'multiOptions') {
    return { choices: '', listed: [] };
  }
  const options = (property.options ?? []) as INodePropertyOptions[];
  if (options.every(({ description }) => !description)) {
    const names = options.map(({ name }) => prose(name)).join(', ');
    return { choices: names && `Choices: ${names}.`, listed: [] };
  }
  const listed = options.map(({ name, description }) => {
    const said = sentence(description);
    return `_${prose(name)}_${said && `: ${said}`}`;
  });
  return { choices: '', listed };
}

function defaultOf(property: INodeProperties): string {
  const value: unknown = property.default;
  if (property.type === 'multiOptions') {
    return (value as unknown[]).map((one) => valueName(property, one)).join(', ');
  }
  if (property.type === 'resourceLocator') {
    return code(String((value as { value?: unknown }).value ?? ''));
  }
  if (value === '' || value === undefined || value === null) return '';
  if (Array.isArray(value) && value.length === 0) return '';
  if (typeof value === 'boolean') return valueName(property, value);
  if (typeof value === 'number') return number(value);
  if (property.type === 'options') return valueName(property, value);
  const text = String(value);
  const field = /^=\{\{ \$json\.(\w+) \}\}$/.exec(text)?.[1];
  if (field) return `the item's ${code(field)}`;
  if (text.includes('\n')) return 'a text, in the node';
  return code(text.startsWith('=') ? text.slice(1) : text);
}

/** How the editor names a value. */
function valueName({ options = [] }: INodeProperties, value: unknown): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  const option = (options as INodePropertyOptions[]).find((one) => one.value === value);
  return prose(option?.name ?? String(value));
}

function number(value: number): string {
  // Ports and milliseconds read better without commas.
  return value.toLocaleString('en-US', { useGrouping: 'min2' });
}
