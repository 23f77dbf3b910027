import { Agent, request } from 'node:http';
import { watchUsage } from './usage';

/** How a number of questions were answered. */
export interface Answers {
  /** Of each question, until the whole answer was there, in milliseconds. */
  times: number[];
  /** How long all took, in seconds. */
  seconds: number;
  /** CPU that the server used, in milliseconds. */
  cpuMs: number;
}

interface Asking {
  pid: number;
  /** How many questions, and by how many askers at once, each of whom asks again when answered. */
  count: number;
  atOnce: number;
  /** The status of every answer. @throws Error for another */
  status: number;
  /** What every answer contains. */
  contains?: string;
  signal: AbortSignal;
}

/** Asks by POST as Fin does. @param token the next question's */
export async function askAll(
  url: URL,
  token: () => string,
  { pid, count, atOnce, status, contains = '', signal }: Asking,
): Promise<Answers> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const times: number[] = [];
  let left = count;
  const asker = async () => {
    while (left > 0) {
      left -= 1;
      signal.throwIfAborted();
      const authorization = `Bearer ${token()}`;
      const began = performance.now();
      const answer = await post(url, agent, authorization);
      times.push(performance.now() - began);
      if (answer.status !== status || !answer.body.includes(contains)) {
        throw new Error(`Answered with ${answer.status}: ${answer.body.slice(0, 200)}`);
      }
    }
  };
  const used = watchUsage(pid);
  try {
    await Promise.all(Array.from({ length: atOnce }, asker));
    const { cpuMs, wallMs } = used();
    return { times, seconds: wallMs / 1_000, cpuMs };
  } catch (error) {
    used();
    throw error;
  } finally {
    agent.destroy();
  }
}

function post(
  url: URL,
  agent: Agent,
  authorization: string,
): Promise<{ status: number; body: string }> {
  const body = '{}';
  const headers = {
    'Content-Type': 'application/json',
    'Content-Length': body.length,
    Authorization: authorization,
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
