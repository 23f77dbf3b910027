import { StorageError } from '../errors';
import type { PostgresServer } from './postgres';

/** By PostgreSQL's code, or Node's. */
const KNOWN: Record<string, (server: PostgresServer) => [message: string, advice: string]> = {
  '28P01': ({ user }) => [
    `refuses the password of the user "${user}"`,
    'Correct User and Password in the Autoplay Memory credential.',
  ],
  '28000': ({ user, database }) => [
    `does not let the user "${user}" into the database "${database}"`,
    'Check User and SSL in the Autoplay Memory credential, and whether pg_hba.conf allows connections from n8n.',
  ],
  '3D000': ({ database }) => [
    `has no database "${database}"`,
    'Create it, or correct Database in the Autoplay Memory credential.',
  ],
  '42501': ({ user, database }) => [
    `does not allow the user "${user}" to make or use tables in the database "${database}"`,
    `Let it: GRANT CREATE, USAGE ON SCHEMA public TO "${user}"; or make it the owner of a database of its own.`,
  ],
  '53300': () => [
    'has no connection left',
    'Raise max_connections in PostgreSQL. Each process of n8n opens up to ten for the memory.',
  ],
  '53100': () => ['has a full disk', 'Make room on it.'],
  '53200': () => ['has no memory left', 'Give it more, or let it do less at once.'],
  '40001': () => BUSY,
  '40P01': () => BUSY,
  '55P03': () => BUSY,
  '57014': () => [
    'ended a statement that took too long',
    'See what keeps it busy (pg_stat_activity), and whether statement_timeout is set to less than a few seconds.',
  ],
  '25006': () => [
    'only allows reading',
    'It is a standby, or its disk is full. Use the primary server in the Autoplay Memory credential.',
  ],
  ENOTFOUND: ({ host }) => [
    `cannot be found: there is no host "${host}"`,
    'Correct Host in the Autoplay Memory credential. In a container, localhost is the container itself.',
  ],
};

const BUSY: [message: string, advice: string] = [
  'is busy: other transactions kept locking the same sessions',
  'See what waits for which lock (pg_locks), and whether a transaction was left open (pg_stat_activity).',
];
const UNREACHABLE_ADVICE =
  'Check Host and Port in the Autoplay Memory credential, and whether PostgreSQL runs and can be reached from n8n. Nothing that is remembered is lost.';
const NO_ENCRYPTION =
  'Switch SSL off in the Autoplay Memory credential, or set PostgreSQL up for it.';
const CERTIFICATE_ADVICE =
  'Give n8n the certificate of the authority that signed the server certificate: NODE_EXTRA_CA_CERTS=/path/to/ca.pem.';

/** Codes, and pg's words, for a connection that ended or could not be opened. */
const GONE_CODES =
  /^(08...|25P0[34]|57P0\d|58000|58030|ECONN\w+|EPIPE|E(HOST|NET)(UNREACH|DOWN)|EADDRNOTAVAIL|ETIMEDOUT|EAI_AGAIN|ENOENT)$/;
const GONE_WORDS = /connection terminated|timeout exceeded|timeout expired|read timeout|queryable/i;
const CERTIFICATE = /CERT|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/;

/** An error of the server or of the way to it as a StorageError, which says what to do; any other as it is. */
export function explained(error: unknown, server: PostgresServer): unknown {
  // If several addresses were tried, Node's error has a code but no message.
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  const said = whatIsWrong(String(code ?? ''), String(message ?? ''), server);
  if (!said) return error;
  const where = `The session memory's PostgreSQL at ${server.host}:${server.port}`;
  return new StorageError(`${where} ${said[0]}`, said[1], { cause: error });
}

function whatIsWrong(
  code: string,
  message: string,
  server: PostgresServer,
): [string, string] | undefined {
  const known = Object.hasOwn(KNOWN, code) && KNOWN[code];
  if (known) return known(server);
  if (/does not support SSL/.test(message)) return ['offers no SSL', NO_ENCRYPTION];
  if (CERTIFICATE.test(code)) {
    return [`has a certificate that is not trusted (${code})`, CERTIFICATE_ADVICE];
  }
  if (/^SASL/.test(message)) {
    return ['asks for a password', 'Enter Password in the Autoplay Memory credential.'];
  }
  if (GONE_CODES.test(code) || GONE_WORDS.test(message)) {
    return [`cannot be reached (${code || message})`, UNREACHABLE_ADVICE];
  }
  return undefined;
}
