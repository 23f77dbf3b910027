import { NodeOperationError, type INode, type INodeProperties } from 'n8n-workflow';

/** What a parameter's description says of its numbers. */
export type NumberField = Pick<INodeProperties, 'displayName' | 'default' | 'typeOptions'>;

interface Reading {
  itemIndex?: number;
  /** What an empty value means, the field's default unless given; null where it is refused. */
  whenEmpty?: number | null;
}

type Context = { getNode(): INode };

/** What an integer of PostgreSQL, and a timer, can hold. */
const MOST = 2 ** 31 - 1;

/**
 * The number that a parameter's value stands for. The panel keeps to the bounds in the field's description, but an
 * expression can give anything: texts of numbers are taken, and an empty value means the default.
 *
 * @throws NodeOperationError that names the field, for what is no number or beyond its bounds
 */
export function numberOf(
  context: Context,
  field: NumberField,
  given: unknown,
  { itemIndex, whenEmpty = Number(field.default) }: Reading = {},
): number {
  const value = typeof given === 'string' ? given.trim() : given;
  const isEmpty = value === undefined || value === null || value === '';
  if (isEmpty && whenEmpty !== null) return whenEmpty;
  const { minValue: least = 0, maxValue: most = MOST } = field.typeOptions ?? {};
  const isNumeric = typeof value === 'number' || (typeof value === 'string' && !isEmpty);
  const number = isNumeric ? Number(value) : NaN;
  if (number >= least && number <= most) return number;
  const range = most === MOST ? `of ${least} or more` : `from ${least} to ${most}`;
  throw new NodeOperationError(
    context.getNode(),
    `"${field.displayName}" is ${shown(given)}, and has to be a number ${range}`,
    {
      ...(itemIndex !== undefined && { itemIndex }),
      description:
        'Correct it in the node; if it is an expression, look at what it gives for this item. An option may be removed: then its default is used.',
    },
  );
}

/** A whole number of something: {@link numberOf}, rounded, and within the bounds all the same. */
export function countOf(...args: Parameters<typeof numberOf>): number {
  const count = Math.round(numberOf(...args));
  const [context, field, , reading] = args;
  return numberOf(context, field, count, reading);
}

/** A duration in whole milliseconds: {@link numberOf} times `unitMs`. */
export function millisecondsOf(unitMs: number, ...args: Parameters<typeof numberOf>): number {
  return Math.round(numberOf(...args) * unitMs);
}

/** A value for a message; only the kind of what could be long. */
function shown(value: unknown): string {
  if (typeof value === 'string') return value === '' ? 'empty' : `"${value.slice(0, 40)}"`;
  if (typeof value === 'object' && value !== null) return 'no number';
  return String(value);
}
