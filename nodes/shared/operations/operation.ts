import type { IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';
import { runItems, type Item, type Outcome, type Work } from './run';

/** How the canvas names an operation below its node: one title, or one for each value of a parameter. */
export type Title = string | { parameter: string; titles: Record<string, string> };

/** One operation of a node as n8n's panel shows it. */
interface Described {
  /** The value that saved workflows hold. */
  value: string;
  /** The entry in the dropdown of operations. */
  name: string;
  /** The entry in n8n's list of actions. */
  action: string;
  description: string;
  /** The {@link name} by default. */
  title?: Title;
  /** The fields of this operation alone; the router shows them for it. */
  fields: readonly INodeProperties[];
  /** The names of its outputs, where it has more than one. */
  outputs?: readonly string[];
}

export interface Operation extends Described {
  /** Works on all items that came in; returns the items of each output. */
  execute(context: IExecuteFunctions): Promise<INodeExecutionData[][]>;
}

/** An operation that works on one item at a time, as most do. */
export interface Declaration<Prepared> extends Described, Pick<Work, 'retried' | 'atOnce'> {
  /** Sets up what all items need, such as a service with the node's credential. */
  prepare(context: IExecuteFunctions): Promise<Prepared>;
  /** @throws any error: it becomes one of n8n's that names the item */
  run(item: Item, prepared: Prepared): Promise<Outcome>;
}

/**
 * Makes an operation of its declaration. The loop over the items, their pairing, what a tool answers and what becomes
 * of errors are those of {@link runItems}.
 */
export function operation<Prepared>(declaration: Declaration<Prepared>): Operation {
  const { prepare, run, retried, atOnce, ...described } = declaration;
  const work: Work = {
    async begin(context) {
      const prepared = await prepare(context);
      return (item) => run(item, prepared);
    },
    outputs: described.outputs?.length ?? 1,
    ...(retried !== undefined && { retried }),
    ...(atOnce !== undefined && { atOnce }),
  };
  return { ...described, execute: (context) => runItems(context, work) };
}
