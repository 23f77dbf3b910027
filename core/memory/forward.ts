import { METHODS, type SessionMemory } from './types';

export type Method = keyof SessionMemory;

/** What a method resolves with. */
export type Result<M extends Method> = Awaited<ReturnType<SessionMemory[M]>>;

/** Carries out one call of a session memory. */
export type Call = <M extends Method>(
  method: M,
  args: Parameters<SessionMemory[M]>,
) => Promise<Result<M>>;

/** A session memory that hands each call on to `call`. */
export function forward(call: Call): SessionMemory {
  const methods = (Object.keys(METHODS) as Method[]).map((method) => [
    method,
    (...args: Parameters<SessionMemory[Method]>) => call(method, args),
  ]);
  return Object.fromEntries(methods) as SessionMemory;
}
