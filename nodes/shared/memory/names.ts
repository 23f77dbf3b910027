import type { ILoadOptionsFunctions, INodePropertyOptions } from 'n8n-workflow';
import type { SessionMemory } from '../../../core/memory/types';
import { orOneMessage } from '../nodeErrors';
import { memorySettings } from './settings';
import { openStorage } from './storage';

/** The names of workflows that have used a memory in this process: memories know only their ids. */
const workflows = new Map<string, string>();

export function knowWorkflow({ id, name }: { id?: string; name?: string }): void {
  if (id !== undefined && name) workflows.set(id, name);
}

/** Whether a text is a whole name, as {@link nameOfMemory} makes it. */
export function isNameOfMemory(name: string): boolean {
  return /^(?:name|workflow):./.test(name);
}

/** What people call a memory. */
export function titleOf(name: string): string {
  const [, kind = '', rest = ''] = /^(name|workflow):(.*)$/s.exec(name) ?? [];
  if (kind === 'name') return `“${rest}” (shared by name)`;
  const known = workflows.get(rest);
  return known === undefined ? `Workflow ${rest}` : `Workflow “${known}”`;
}

/** The memories that hold sessions, for a dropdown. */
export async function getMemories(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
  return await orOneMessage(this.getNode(), listed(this));
}

async function listed(context: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
  const found = await openStorage(context, await memorySettings(context)).memories();
  return found.map(({ name, last_seen_at }) => ({
    name: titleOf(name),
    value: name,
    description: `Last activity: ${new Date(last_seen_at).toISOString()}`,
  }));
}

/** Which other memories hold sessions, in a sentence; '' where none does. */
export async function otherMemories(storage: SessionMemory, own: string): Promise<string> {
  const others = (await storage.memories()).filter(({ name }) => name !== own);
  if (others.length === 0) return '';
  const shown = others.slice(0, 5).map(({ name }) => titleOf(name));
  const more = others.length > shown.length ? ` and ${others.length - shown.length} more` : '';
  return `These hold some: ${shown.join(', ')}${more}.`;
}
