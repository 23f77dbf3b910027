import {
  NodeOperationError,
  type IExecuteFunctions,
  type IGetNodeParameterOptions,
  type INode,
  type INodeProperties,
  type INodePropertyOptions,
  type ITriggerFunctions,
  type IWebhookFunctions,
} from 'n8n-workflow';
import { fields, idOrNull, list, text } from '../../../core/values';
import { personIdOrNull } from '../../../core/identity';

/** A parameter's description. A reader takes the name, the bounds and the default from it. */
export type Field = Pick<INodeProperties, 'displayName' | 'name' | 'default' | 'typeOptions'>;

/** The description of a dropdown whose values are known. */
export interface ChoiceField<Value extends string> extends INodeProperties {
  options: Array<Omit<INodePropertyOptions, 'value'> & { value: Value }>;
}

/** Keeps the values of a dropdown as types, so that {@link Reader.choice} returns one of them. */
export function choiceField<Value extends string>(field: ChoiceField<Value>): ChoiceField<Value> {
  return field;
}

export interface Reading {
  /** Refuses an empty value, for which the field's default is used otherwise. */
  mustBeGiven?: boolean;
}

/**
 * Reads parameters and checks them. The panel keeps to what a field's description allows, but an expression can
 * give anything. Every method throws a NodeOperationError that names the field.
 */
export interface Reader {
  /** The value as n8n gives it. */
  raw(field: Pick<Field, 'name' | 'default'>): unknown;
  /** A finite number within the field's bounds, at least 0 where it has none. Takes texts of numbers. */
  number(field: Field, reading?: Reading): number;
  /** A {@link number} that is rounded to a whole one. */
  count(field: Field, reading?: Reading): number;
  /** A {@link number} of units as whole milliseconds. */
  milliseconds(field: Field, unitMs: number, reading?: Reading): number;
  /** A switch. Takes numbers and the texts "true" and "false"; an empty value means the field's default. */
  isOn(field: Field): boolean;
  /** One of a dropdown's values. */
  choice<Value extends string>(field: ChoiceField<Value>): Value;
  /** Every text of a list. A single text counts as a list of one. */
  texts(field: Field): string[];
  /** A text or number without white space around it; '' for anything else. */
  text(field: Field): string;
  /** An id (see {@link idOrNull}); null where the item has none. */
  id(field: Field): string | null;
  /** An id of a person or session; undefined also for a placeholder such as "undefined". */
  person(field: Field): string | undefined;
  /** An error about these parameters. `description` says what the user can do. */
  fault(message: string, description: string): NodeOperationError;
}

/** The fields below *Options*, of which an untouched node has none. */
export interface OptionsReader extends Reader {
  /** Whether the option was added. The other methods use the default of one that was not. */
  has(field: Pick<Field, 'name'>): boolean;
}

export interface Parameters extends Reader {
  options: OptionsReader;
  /** The fields below another collection than *Options*. */
  collection(field: Pick<Field, 'name'>): OptionsReader;
  /** What is chosen in a resource locator, whether from its list or typed in; '' for nothing. */
  locator(field: Pick<Field, 'name'>): string;
  /** The entries of a fixed collection with many of them. A value that an entry does not have is the field's default. */
  entries(field: Pick<Field, 'name'>, of: string): Reader[];
}

/** A step's parameters for one item. */
export function parametersOf(
  context: Pick<IExecuteFunctions, 'getNode' | 'getNodeParameter'>,
  itemIndex: number,
): Parameters {
  return createParameters({
    node: () => context.getNode(),
    get: (name, how) => context.getNodeParameter(name, itemIndex, '', how),
    itemIndex,
  });
}

/** The parameters of a trigger or webhook, which have no items. */
export function triggerParameters(
  context: Pick<ITriggerFunctions | IWebhookFunctions, 'getNode' | 'getNodeParameter'>,
): Parameters {
  return createParameters({
    node: () => context.getNode(),
    get: (name, how) => context.getNodeParameter(name, '', how),
  });
}

interface Source {
  node(): INode;
  /** A parameter's value; '' for one that the node does not have. */
  get(name: string, how?: IGetNodeParameterOptions): unknown;
  itemIndex?: number;
}

function createParameters(source: Source): Parameters {
  const collection = ({ name: collectionName }: Pick<Field, 'name'>): OptionsReader => {
    let options: Record<string, unknown> | undefined;
    const option = (name: string) => (options ??= fields(source.get(collectionName)))[name];
    const below = createReader(source, ({ name, default: value }) => {
      const given = option(name);
      return given === undefined ? value : given;
    });
    return { ...below, has: ({ name }) => option(name) !== undefined };
  };
  return {
    ...createReader(source, ({ name }) => source.get(name)),
    options: collection({ name: 'options' }),
    collection,
    locator: ({ name }) => text(source.get(name, { extractValue: true })).trim(),
    entries: ({ name }, of) =>
      list(fields(source.get(name))[of]).map((entry) =>
        createReader(source, ({ name: inner, default: value }) => fields(entry)[inner] ?? value),
      ),
  };
}

/** What an integer of PostgreSQL and a timer can hold. */
const MOST = 2 ** 31 - 1;

function createReader({ node, itemIndex }: Omit<Source, 'get'>, raw: Reader['raw']): Reader {
  const fault: Reader['fault'] = (message, description) =>
    new NodeOperationError(node(), message, {
      ...(itemIndex !== undefined && { itemIndex }),
      description,
    });
  const wrong = ({ displayName }: Field, given: unknown, rule: string) =>
    fault(
      `"${displayName}" is ${shown(given)}, and has to be ${rule}`,
      'Correct it in the node. If it is an expression, look at what it gives for this item. An option may be removed: then its default is used.',
    );

  function check(field: Field, given: unknown, { mustBeGiven = false }: Reading = {}): number {
    const value = typeof given === 'string' ? given.trim() : given;
    if (isEmpty(value) && !mustBeGiven) return Number(field.default);
    const { minValue: least = 0, maxValue: most = MOST } = field.typeOptions ?? {};
    const isNumeric = typeof value === 'number' || (typeof value === 'string' && value !== '');
    const number = isNumeric ? Number(value) : NaN;
    if (number >= least && number <= most) return number;
    const range = most === MOST ? `of ${least} or more` : `from ${least} to ${most}`;
    throw wrong(field, given, `a number ${range}`);
  }

  const number: Reader['number'] = (field, reading) => check(field, raw(field), reading);
  return {
    raw,
    fault,
    number,
    count: (field, reading) => check(field, Math.round(number(field, reading))),
    milliseconds: (field, unitMs, reading) => Math.round(number(field, reading) * unitMs),
    isOn(field) {
      const given = raw(field);
      const value = typeof given === 'string' ? given.trim().toLowerCase() : given;
      if (isEmpty(value)) return field.default === true;
      if (typeof value === 'boolean' || typeof value === 'number') return Boolean(value);
      if (value === 'true' || value === 'false') return value === 'true';
      throw wrong(field, given, 'true or false');
    },
    choice(field) {
      const given = raw(field);
      const chosen = field.options.find(({ value }) => value === given);
      if (chosen) return chosen.value;
      throw wrong(field, given, `one of ${field.options.map(({ value }) => value).join(', ')}`);
    },
    texts: (field) => [raw(field)].flat().map(text).filter(Boolean),
    text: (field) => text(raw(field)).trim(),
    id: (field) => idOrNull(raw(field)),
    person: (field) => personIdOrNull(raw(field)) ?? undefined,
  };
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

/** A value for a message; only the kind of what could be long. */
function shown(value: unknown): string {
  if (typeof value === 'string') return value === '' ? 'empty' : `"${value.slice(0, 40)}"`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}
