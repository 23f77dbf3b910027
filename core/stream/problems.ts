/** Why there is no stream, or why activity has to wait, in words for a user. */
export interface Problem {
  /** Tells kinds of problems apart, of which each is reported once per outage. */
  code: string;
  /** What happened. */
  message: string;
  /** What to do about it. */
  advice: string;
  /** What happens next, if the stream is kept open. */
  afterwards?: string;
}

/** The server of a stream, in the words of problems. */
export interface StreamServer {
  /** Within a sentence: `the connector`. */
  name: string;
  /** The field that holds the stream's address. */
  address: string;
  /** What to do about a wrong address. */
  checkAddress: string;
  /** What to do if the server cannot be reached. */
  checkWay: string;
  /** Refusals that do not pass by themselves: what happened, and what to do. */
  byStatus: Readonly<Record<number, readonly [code: string, message: string, advice: string]>>;
}

const COMES_BACK = 'The node keeps trying to connect, so nothing has to be restarted.';
const CHECK_TOKEN =
  "Check the token in the credential: it starts with 'uk_live_' and belongs to this product.";
/** What to do about a wrong Stream URL. */
export const CHECK_URL =
  'Check the Stream URL in the credential: it ends in /stream/ and the id of your product.';

/** A connector of Autoplay. */
export const CONNECTOR: StreamServer = {
  name: 'the connector',
  address: 'the Stream URL',
  checkAddress: CHECK_URL,
  checkWay: 'Check that the connector is running and that this n8n can reach it.',
  byStatus: {
    400: [
      'wrong_mode',
      'the connector does not offer a stream for this product',
      `The product may be set to push (webhook) mode: switch it to streaming. ${CHECK_URL}`,
    ],
    401: ['bad_token', 'the connector does not accept the token', CHECK_TOKEN],
    403: ['forbidden', 'the token may not read this product', CHECK_TOKEN],
    404: ['unknown_product', 'the connector does not know this product', CHECK_URL],
  },
};

/** A refusal that will not pass by itself, by its status. */
export function refusal(status: number, server = CONNECTOR): Problem {
  const known = server.byStatus[status];
  const [code, what, advice] = known ?? [
    'refused' as const,
    `${server.name} refused`,
    server.checkAddress,
  ];
  return streamProblem(code, `No activity arrives: ${what} (HTTP ${status}).`, advice);
}

/** The token cannot be sent at all. */
export function brokenToken(): Problem {
  return streamProblem(
    'bad_token',
    'No activity arrives: the token in the credential is damaged.',
    'Copy the token into the credential again: it contains a character that no token has, such as a space, a line break or “…”.',
  );
}

/** The answer is a success but no stream, as when the URL is that of a web page. */
export function notAStream(
  status: number,
  contentType: string | null,
  { address, checkAddress }: StreamServer,
): Problem {
  const got = contentType?.split(';')[0]?.trim() || 'an answer without a content type';
  return streamProblem(
    'not_a_stream',
    `No activity arrives: ${address} answers with ${got} (HTTP ${status}), not with a stream.`,
    checkAddress,
  );
}

/** The server redirects to another host, to which the token is not sent. */
export function redirectedAway(host: string, { address }: StreamServer): Problem {
  return streamProblem(
    'redirected',
    `No activity arrives: ${address} leads on to another host, ${host}.`,
    `If that is right, enter the address it leads to as ${address} in the credential.`,
  );
}

/** The redirects have no end. */
export function redirectedInCircles({ address, checkAddress }: StreamServer): Problem {
  return streamProblem(
    'redirected',
    `No activity arrives: ${address} leads from one address to the next without end.`,
    checkAddress,
  );
}

/** No stream for a long time. `reason` is the latest of possibly several. */
export function unreachable(minutes: number, reason: string, server = CONNECTOR): Problem {
  return streamProblem(
    'unreachable',
    `No activity has arrived for ${minutes} minutes: ${reason}.`,
    server.checkWay,
  );
}

/** A problem that the node tries to get over by itself. */
export function streamProblem(code: string, message: string, advice: string): Problem {
  return { code, message, advice, afterwards: COMES_BACK };
}
