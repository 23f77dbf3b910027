import type { IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';
import * as activity from './activity';
import * as message from './message';
import * as note from './note';

/** One output after the other, each with its items. */
export type Execute = (this: IExecuteFunctions) => Promise<INodeExecutionData[][]>;

interface Actions {
  /** The dropdown of operations. */
  operations: INodeProperties;
  fields: INodeProperties[];
  execute: Record<string, Execute>;
}

/** By the names of the resources. */
export const actions: Record<string, Actions> = { activity, message, note };
