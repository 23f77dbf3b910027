// How long a test may take on a machine with other work: a limit for what never ends, not for what is slow.
const isEndToEnd = expect.getState().testPath?.includes('/e2e/');
jest.setTimeout(isEndToEnd ? 600_000 : 120_000);
