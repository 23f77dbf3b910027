import { describe } from './fetchErrors';

/** A service answered and refused: nothing was done. Repeating the request is pointless, or too early. */
export class ServiceError extends Error {
  /** The part of the request that the service refuses, or '' if it names none. */
  readonly param: string;
  /** How long the service asks callers to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  /**
   * @param service the name that users know, e.g. `Intercom`
   * @param status HTTP status
   * @param code the service's own code, or '' if it gives none
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

/** No answer came, or none that tells the outcome: the request may or may not have been carried out. */
export class OutcomeUnknownError extends Error {
  /** Whether the service has finished with the request: what has not happened by now will not happen. */
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

/** There was no connection, so the request was certainly not carried out. */
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

/** System codes for a connection that never existed, so that nothing was sent. */
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

/** Node's codes for a certificate that it does not accept. Nothing is sent before it accepts one. */
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
 * Words of Node and OpenSSL for a TLS handshake that failed. The codes do not suffice: a connection that breaks later,
 * when a request may have been sent, has the same ones.
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

/** Whether the code or the message of an error proves that there was no connection. */
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
 *
 * @param service the name that users know
 * @param cause what the request failed with
 */
export function noAnswer(service: string, cause: unknown): UnreachableError | OutcomeUnknownError {
  const { message, code } = describe(cause);
  return neverLeft(code, message)
    ? new UnreachableError(service, `${service} cannot be reached: ${message}`, { cause })
    : new OutcomeUnknownError(service, `${service} did not answer: ${message}`, { cause });
}
