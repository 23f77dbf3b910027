import { describe } from './fetchErrors';

/** A service answered and did not do what was asked. Trying the same again is pointless or too early. */
export class ServiceError extends Error {
  /** The part of the request that it is about, or '' when the service did not name one. */
  readonly param: string;
  /** How long the service asks to be left alone, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  /**
   * @param service as people call it, e.g. `Intercom`
   * @param status HTTP status
   * @param code the service's own code, or '' when it gave none
   */
  constructor(
    readonly service: string,
    readonly status: number,
    readonly code: string,
    message: string,
    more: { param?: string | undefined; retryAfterMs?: number | undefined } = {},
  ) {
    super(message);
    this.name = 'ServiceError';
    this.param = more.param ?? '';
    this.retryAfterMs = more.retryAfterMs;
  }
}

/** No answer, or one that does not tell: the request may or may not have been carried out. */
export class OutcomeUnknownError extends Error {
  /** Whether the service itself has finished with it: what is not done by now will not be. */
  readonly isOver: boolean;

  constructor(
    readonly service: string,
    message: string,
    { isOver = false, ...options }: ErrorOptions & { isOver?: boolean } = {},
  ) {
    super(message, options);
    this.isOver = isOver;
    this.name = 'OutcomeUnknownError';
  }
}

/** No connection came about: the request was certainly not carried out. */
export class UnreachableError extends Error {
  constructor(
    readonly service: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'UnreachableError';
  }
}

/** How systems say that there was no connection, so that nothing can have been sent. */
const NO_CONNECTION = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'UND_ERR_CONNECT_TIMEOUT',
];

/** How Node says that it does not accept a certificate. Nothing is sent before it has. */
const NO_CERTIFICATE = [
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_DECRYPT_CERT_SIGNATURE',
  'UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_SIGNATURE_FAILURE',
  'CERT_NOT_YET_VALID',
  'CERT_HAS_EXPIRED',
  'CERT_CHAIN_TOO_LONG',
  'CERT_REVOKED',
  'CERT_UNTRUSTED',
  'CERT_REJECTED',
  'ERROR_IN_CERT_NOT_BEFORE_FIELD',
  'ERROR_IN_CERT_NOT_AFTER_FIELD',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
  'HOSTNAME_MISMATCH',
];

/**
 * How Node and OpenSSL say that the two sides never agreed on TLS. They have the same codes for a connection that breaks
 * later on, when a request may have been sent.
 */
const NO_HANDSHAKE = [
  'before secure TLS connection was established',
  'wrong version number',
  'handshake failure',
  'unsupported protocol',
  'alert protocol version',
  'unrecognized name',
  'packet length too long',
  'no protocols available',
];

/** Whether no connection came about, by the code and the words of the system. */
export function neverLeft(code = '', message = ''): boolean {
  return (
    NO_CONNECTION.includes(code) ||
    NO_CERTIFICATE.includes(code) ||
    (/^(ECONNRESET|EPROTO|ERR_SSL_)/.test(code) &&
      NO_HANDSHAKE.some((one) => message.includes(one)))
  );
}

/**
 * The error for a request that got no answer.
 * @param service as people call it
 * @param cause what the request failed with
 */
export function noAnswer(service: string, cause: unknown): UnreachableError | OutcomeUnknownError {
  const { message, code } = describe(cause);
  return neverLeft(code, message)
    ? new UnreachableError(service, `${service} cannot be reached: ${message}`, { cause })
    : new OutcomeUnknownError(service, `${service} did not answer: ${message}`, { cause });
}
