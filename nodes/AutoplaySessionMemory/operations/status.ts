import { openMemory } from '../../shared/memory/open';
import { operation } from '../../shared/operations/operation';

/** Each item with what its memory contains. */
export const status = operation({
  value: 'status',
  name: 'Status',
  action: 'Get the status of a memory',
  description: 'See how much is remembered and how much work is left, for support and monitoring',
  fields: [],
  prepare: (context) => openMemory(context),
  async run(item, { storage, memoryOf }) {
    const memory = memoryOf(item.index);
    const { last_seen_at, ...counts } = await memory.status();
    const others = await storage.memories();
    return {
      json: {
        memory: memory.name,
        ...counts,
        last_seen_at: last_seen_at === null ? null : new Date(last_seen_at).toISOString(),
        memories: others.map(({ name }) => name),
      },
    };
  },
});
