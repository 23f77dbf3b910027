import type { IExecuteFunctions } from 'n8n-workflow';
import type { NamedMemory } from '../../../core/memory/named';
import type { SessionMemory } from '../../../core/memory/types';
import { otherMemories, titleOf } from '../../shared/memory/names';

/**
 * Says in a hint at the execution why nothing was found: this memory may be empty, and another one may hold sessions.
 * @param otherwise what to say where this memory holds sessions
 */
export async function hintNothing(
  context: Pick<IExecuteFunctions, 'addExecutionHints' | 'getWorkflow'>,
  storage: SessionMemory,
  memory: NamedMemory,
  otherwise: string,
): Promise<void> {
  const isOwn = memory.name === `workflow:${context.getWorkflow().id ?? ''}`;
  const own = isOwn ? "This workflow's memory" : `The memory ${titleOf(memory.name)}`;
  const [any] = await memory.listSessions({ which: 'recent', limit: 1 });
  const message = any
    ? `${otherwise} ${own} holds other sessions.`
    : [
        `${own} holds no sessions.`,
        await otherMemories(storage, memory.name),
        'Choose the memory under Memory, the same in all nodes that should share it.',
      ]
        .filter(Boolean)
        .join(' ');
  context.addExecutionHints({ message, type: 'info' });
}
