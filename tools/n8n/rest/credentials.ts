import type { Request } from '../http';

/** The credentials in an n8n. */
export function createCredentialCalls(request: Request) {
  const credentials = async () =>
    await request<Array<{ id: string; name: string; type: string }>>('GET', '/rest/credentials');

  /** The credential of that type and name, if there is one. */
  const findCredential = async (type: string, name: string) => {
    const found = (await credentials()).find(
      (credential) => credential.type === type && credential.name === name,
    );
    return found && { id: found.id, name };
  };

  /** Creates a credential, or updates the one of that type and name. */
  const upsertCredential = async (type: string, name: string, data: Record<string, unknown>) => {
    const known = await findCredential(type, name);
    const body = { name, type, data };
    const { id } = known
      ? await request<{ id: string }>('PATCH', `/rest/credentials/${known.id}`, body)
      : await request<{ id: string }>('POST', '/rest/credentials', body);
    return { id, name };
  };

  /** Deletes all of them. */
  const deleteCredentials = async () => {
    for (const { id } of await credentials()) await request('DELETE', `/rest/credentials/${id}`);
  };

  return { findCredential, upsertCredential, deleteCredentials };
}
