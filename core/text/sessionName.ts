/**
 * A session for messages that end up in logs: by its id, unless that is made of who the visitor is
 * (`user:…`, `email:…`), which is nobody's business there.
 */
export function sessionName(sessionId: string): string {
  return /^(user|email):/.test(sessionId) ? 'a session without an id' : `session ${sessionId}`;
}
