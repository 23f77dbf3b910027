const PREFIX = 'n8n-nodes-autoplay.';
const TOOL = 'Tool';

/** What n8n adds to the parameters of a node that is used as a tool. */
export const TOOL_FIELDS: readonly string[] = ['descriptionType', 'toolDescription'];

/** Which of this package's nodes a workflow file means by a type, undefined for others' nodes. */
export function ownNodeOf(type: string): { name: string; isTool: boolean } | undefined {
  if (!type.startsWith(PREFIX)) return undefined;
  const isTool = type.endsWith(TOOL);
  return { name: type.slice(PREFIX.length, isTool ? -TOOL.length : undefined), isTool };
}
