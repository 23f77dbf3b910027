import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

/** The subtitle of a trigger: the names of the events that are chosen in its dropdown. */
export function eventNames(events: INodeProperties): string {
  return `={{ $parameter.events.map((event) => (${namesByValue(events)})[event]).join(", ") }}`;
}

function namesByValue({ options }: INodeProperties): string {
  const names = (options as INodePropertyOptions[]).map(({ value, name }) => [value, name]);
  return JSON.stringify(Object.fromEntries(names));
}
