import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/**
 * What happens to a connection when the client sends a text:
 * - `stall`: nothing passes any more, in either direction, and the connection stays open.
 * - `stall-after`: the server gets the text, and its answer never arrives.
 * - `cut`: both ends are reset before the server gets the text.
 * - `cut-after`: the server gets the text and answers, and both ends are reset instead of the answer.
 */
export type ProxyFault = 'stall' | 'stall-after' | 'cut' | 'cut-after';

/** A TCP proxy in front of a server, on which a test decides what becomes of the traffic. */
export interface TcpProxy {
  port: number;
  /** How many connections the client has opened so far. */
  opened(): number;
  /** How many packets with a text the client has sent so far. */
  sent(text: string): number;
  /** Each packet takes so long from now on, in milliseconds: to the server, and back if that is not the same. */
  delay(ms: number, backMs?: number): void;
  /** New connections lead to this port from now on. */
  leadTo(port: number): void;
  /** Whether a connection that the client has not closed yet stalls. */
  isStalled(): boolean;
  /** Every connection that is open now stalls for ever. */
  stallAll(): void;
  /** Every connection at rest stalls for ever; one that is being opened or waits for an answer is reset. */
  failOver(isOpening: (packet: string) => boolean): void;
  /** Resets every connection that is open now. */
  cutAll(): void;
  /** The next packet of the client that contains the text, on any connection, meets the fault. */
  once(text: string, fault: ProxyFault): void;
  /** Decides for each packet of the client; undefined lets it pass. */
  each(decide: ((packet: string) => ProxyFault | undefined) | undefined): void;
  /** New connections are accepted and then ignored while this is true. */
  refuse(deaf: boolean): void;
  close(): Promise<void>;
}

/** Starts a proxy on a free port of 127.0.0.1 that leads to `target` there. */
export async function startTcpProxy(target: number): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  const packets: string[] = [];
  const awaited: Array<{ text: string; fault: ProxyFault }> = [];
  let decide: ((packet: string) => ProxyFault | undefined) | undefined;
  let delayMs = { there: 0, back: 0 };
  let port = target;
  let deaf = false;
  let opened = 0;

  function faultOf(packet: string): ProxyFault | undefined {
    const index = awaited.findIndex(({ text }) => packet.includes(text));
    if (index >= 0) return awaited.splice(index, 1)[0]!.fault;
    return decide?.(packet);
  }

  const server = createServer({ noDelay: true }, (client) => {
    opened += 1;
    const pair = createPair(client, deaf ? undefined : port, {
      delayMs: () => delayMs,
      onPacket(packet) {
        packets.push(packet);
        return faultOf(packet);
      },
      onEnd: () => void pairs.delete(pair),
    });
    pairs.add(pair);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    port: (server.address() as AddressInfo).port,
    opened: () => opened,
    sent: (text) => packets.filter((packet) => packet.includes(text)).length,
    delay: (ms, backMs = ms) => void (delayMs = { there: ms, back: backMs }),
    leadTo: (next) => void (port = next),
    isStalled: () => [...pairs].some((pair) => pair.isStalled()),
    stallAll: () => pairs.forEach((pair) => pair.stall()),
    failOver: (isOpening) =>
      pairs.forEach((pair) => (pair.isAtRest(isOpening) ? pair.stall() : pair.cut())),
    cutAll: () => pairs.forEach((pair) => pair.cut()),
    once: (text, fault) => void awaited.push({ text, fault }),
    each: (next) => void (decide = next),
    refuse: (next) => void (deaf = next),
    async close() {
      pairs.forEach((pair) => pair.cut());
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface PairOptions {
  delayMs: () => { there: number; back: number };
  onPacket: (packet: string) => ProxyFault | undefined;
  onEnd: () => void;
}

interface Pair {
  isStalled(): boolean;
  isAtRest(isOpening: (packet: string) => boolean): boolean;
  stall(): void;
  cut(): void;
}

/** A client's connection and the one to the server behind it; without a port, the client is ignored. */
function createPair(client: Socket, port: number | undefined, options: PairOptions): Pair {
  const upstream = port === undefined ? undefined : connect({ port, host: '127.0.0.1' });
  upstream?.setNoDelay(true);
  let stalled = upstream === undefined;
  /** The client's last packet, and whether the server has sent something since. */
  let last: string | undefined;
  let isAnswered = false;
  /** What becomes of the server's next packet. */
  let answer: 'pass' | 'cut' = 'pass';

  const cut = () => {
    client.resetAndDestroy();
    upstream?.resetAndDestroy();
    options.onEnd();
  };
  const pass = (packet: Buffer, to: Socket | undefined) => {
    const write = () => void (to?.writable && to.write(packet));
    const { there, back } = options.delayMs();
    const ms = to === client ? back : there;
    if (ms > 0) setTimeout(write, ms);
    else write();
  };

  client.on('data', (packet) => {
    if (stalled) return;
    last = packet.toString('latin1');
    isAnswered = false;
    const fault = options.onPacket(last);
    if (fault === 'cut') return cut();
    if (fault === 'stall') return void (stalled = true);
    if (fault === 'cut-after') answer = 'cut';
    pass(packet, upstream);
    if (fault === 'stall-after') stalled = true;
  });
  upstream?.on('data', (packet) => {
    if (stalled) return;
    if (answer === 'cut') return cut();
    isAnswered = true;
    pass(packet, client);
  });
  for (const [from, to] of [
    [client, upstream],
    [upstream, client],
  ]) {
    from?.on('error', () => {});
    from?.on('close', () => {
      // A server that goes away behind a stalled way is not heard of.
      if (from === upstream && stalled) return;
      to?.destroy();
      options.onEnd();
    });
  }
  return {
    isStalled: () => stalled,
    isAtRest: (isOpening) => isAnswered && last !== undefined && !isOpening(last),
    stall: () => void (stalled = true),
    cut,
  };
}
