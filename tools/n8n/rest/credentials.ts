import type { Request } from '../http';

/** The credentials in an n8n. */
export function createCredentialCalls(request: Request) {
  /** The credential of that type and name, if there is one. */
  const findCredential = async (type: string, name: string) => {
    const all = await request<Array<{ id: string; name: string; type: string }>>(
      'GET',
      '/rest/credentials',
    );
    const found = all.find((credential) => credential.type === type && credential.name === name);
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

  return { findCredential, upsertCredential };
}
