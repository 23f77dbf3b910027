import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { memoryFields } from './memory';

/** Fields as the panel shows them from top to bottom: the node's own, which memory, and Options last. */
export function inPanelOrder(fields: readonly INodeProperties[]): INodeProperties[] {
  const isMemory = ({ name }: INodeProperties) => memoryFields.some((field) => field.name === name);
  const rank = (field: INodeProperties) =>
    field.type === 'collection' ? 2 : isMemory(field) ? 1 : 0;
  return fields.toSorted((a, b) => rank(a) - rank(b));
}

/** The subtitle of a trigger: the names of the events that are chosen in its dropdown. */
export function eventNames(events: INodeProperties): string {
  const names = (events.options as INodePropertyOptions[]).map(({ value, name }) => [value, name]);
  const byValue = JSON.stringify(Object.fromEntries(names));
  return `={{ $parameter.events.map((event) => (${byValue})[event]).join(", ") }}`;
}
