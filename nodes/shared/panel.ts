import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { memoryFields } from './memory/fields';

/** Fields as the panel shows them from top to bottom: the node's own, which memory, and Options last. */
export function inPanelOrder(fields: readonly INodeProperties[]): INodeProperties[] {
  const isMemory = ({ name }: INodeProperties) => memoryFields.some((field) => field.name === name);
  const rank = (field: INodeProperties) =>
    field.type === 'collection' ? 2 : isMemory(field) ? 1 : 0;
  return fields.toSorted((a, b) => rank(a) - rank(b));
}

/** A subtitle: the name of what is chosen in a dropdown. */
export function chosenName(dropdown: INodeProperties): string {
  return `={{ (${namesByValue(dropdown)})[$parameter.${dropdown.name}] }}`;
}

/** The subtitle of a trigger: the names of the events that are chosen in its dropdown. */
export function eventNames(events: INodeProperties): string {
  return `={{ $parameter.events.map((event) => (${namesByValue(events)})[event]).join(", ") }}`;
}

function namesByValue({ options }: INodeProperties): string {
  const names = (options as INodePropertyOptions[]).map(({ value, name }) => [value, name]);
  return JSON.stringify(Object.fromEntries(names));
}
