/** Asks the page's own server; throws an Error with a message for the user when it refuses or does not answer. */
export async function call(method, path, body) {
  const init = body && {
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  };
  const response = await fetch(path, { method, ...init }).catch(() => {
    throw new Error('The inbox cannot reach its server.');
  });
  const value = await response.json();
  if (!response.ok) throw new Error(value.error);
  return value;
}
