/**
 * A chat product's key in the memory. Two workspaces of one product may share a memory, and neither can reach the
 * other's conversations; where nothing says whose a conversation is, the key is the product alone.
 */
export function chatKey(chat: string, workspace?: string | null): string {
  return workspace ? `${chat}:${workspace.toLowerCase()}` : chat;
}

/** The chat product of a key. Names of products contain no colon. */
export function productOf(key: string): string {
  const end = key.indexOf(':');
  return end < 0 ? key : key.slice(0, end);
}
