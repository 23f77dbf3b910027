import { StorageError } from '../errors';

/**
 * What is wrong with a database file:
 * - `locked`: another process is using it;
 * - `full`: there is no room on the disk;
 * - `denied`: it may not be read or written;
 * - `damaged`: it is no database, or a broken one;
 * - `broken`: reading or writing failed;
 * - `moved`: it is not at the path any more where it was opened;
 * - `closed`: another call closed it meanwhile.
 */
export type Trouble = 'locked' | 'full' | 'denied' | 'damaged' | 'broken' | 'moved' | 'closed';

/** By SQLite's primary result code. */
const BY_RESULT: Record<number, Trouble> = {
  3: 'denied',
  5: 'locked',
  6: 'locked',
  8: 'denied',
  10: 'broken',
  11: 'damaged',
  13: 'full',
  14: 'denied',
  23: 'denied',
  26: 'damaged',
};
const DATABASE_MOVED = 1032;

/** By the system's code, for errors about the folder and other files. */
const BY_CODE: Record<string, Trouble> = {
  EACCES: 'denied',
  EPERM: 'denied',
  EROFS: 'denied',
  ENOTDIR: 'denied',
  EEXIST: 'denied',
  EISDIR: 'denied',
  ENOSPC: 'full',
  EDQUOT: 'full',
  EIO: 'broken',
  ERR_INVALID_STATE: 'closed',
};

/** The trouble that an error reports; undefined for one that is not about the database. */
export function troubleOf(error: unknown): Trouble | undefined {
  const { code, errcode, message } = (error ?? {}) as {
    code?: unknown;
    errcode?: unknown;
    message?: unknown;
  };
  if (errcode === DATABASE_MOVED) return 'moved';
  // The lower byte is the primary code; the upper bytes only refine it.
  if (typeof errcode === 'number') return BY_RESULT[errcode & 0xff];
  if (typeof code === 'string' && Object.hasOwn(BY_CODE, code)) return BY_CODE[code];
  // This error of Kysely's has no code.
  return message === 'driver has already been destroyed' ? 'closed' : undefined;
}

const COMES_BACK = 'The memory then works again by itself; n8n need not be restarted.';

const SAID: Record<Trouble, (file: string) => [message: string, advice: string]> = {
  locked: (file) => [
    'is locked by another process',
    `Another program has ${file} open and is writing: a backup, for example, or a database tool with an open transaction. Let it finish. ${COMES_BACK}`,
  ],
  full: (file) => [
    'has no room: the disk is full',
    `Make room on the disk that ${file} is on. ${COMES_BACK}`,
  ],
  denied: (file) => [
    'may not be read or written',
    `The user that runs n8n must be able to read and write ${file}, and to make files in its folder. ${COMES_BACK}`,
  ],
  damaged: (file) => [
    'is damaged',
    `${file} could not be moved out of the way for a new one. Stop n8n, move it and the files beside it away, and start n8n: a new one is made.`,
  ],
  broken: (file) => [
    'cannot be read or written: the disk reports errors',
    `Check the disk that ${file} is on. ${COMES_BACK}`,
  ],
  moved: (file) => ['was moved while it was used', `Leave ${file} where it is. ${COMES_BACK}`],
  closed: () => ['was closed while it was used', COMES_BACK],
};

/** An error of the database as a StorageError, which says what to do. */
export function explained(error: unknown, trouble: Trouble, file: string): StorageError {
  const [message, advice] = SAID[trouble](file);
  return new StorageError(`The session memory ${message}`, advice, { cause: error });
}
