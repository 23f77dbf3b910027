/** Asks the page's own server; a refusal, or no answer, is an Error in words for people. */
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
