// How long a test may take on a machine with other work: a limit for what never ends, not for what is slow.
const isEndToEnd = expect.getState().testPath?.includes('/e2e/') ?? false;
jest.setTimeout(900_000);

if (isEndToEnd) {
  // n8n closes connections that rest for five seconds. A request that takes such a connection in the same moment fails, which
  // happens on a busy machine and says nothing about the product.
  const { fetch } = globalThis;
  globalThis.fetch = async (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set('connection', 'close');
    return await fetch(input, { ...init, headers });
  };
}
