/** What a plugin's token may be allowed, of what is simulated; as the vendor's guide to scopes lists them. */
export type Scope =
  | 'website:availability'
  | 'website:visitors'
  | `website:conversation:${'initiate' | 'sessions' | 'messages' | 'states' | 'actions' | 'routing'}`;

export type Permission = `${Scope}:${'read' | 'write'}`;

/** Whether a token may do what needs a scope; one without a list may do everything, as a plugin's in development. */
export function isAllowed(
  scopes: readonly Permission[] | undefined,
  needed: Scope | undefined,
  method: string,
): boolean {
  const permission = method === 'GET' || method === 'HEAD' ? 'read' : 'write';
  return !scopes || needed === undefined || scopes.includes(`${needed}:${permission}`);
}
