// A server answers in milliseconds, on a machine that does nothing else.
jest.setTimeout(60_000);
