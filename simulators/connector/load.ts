import { type Random, createRandom, uuid } from '../random';
import { encodeFrame } from './frames';
import { hostileSite } from './site';
import { createVisitor } from './visitors';

export interface LoadOptions {
  productId: string;
  /** The number of sessions that take turns. */
  sessions: number;
  actionsPerFrame?: number;
  random?: Random;
  /** Epoch milliseconds. */
  now?: () => number;
}

export interface Load {
  /** The next frame's bytes, for `sendRaw`; sessions take turns. */
  next(): string;
  sessionIds: readonly string[];
}

const TEMPLATES = 64;
const SESSION = '@session@';
const PERSON = '@person@';
/** Replaced by the frame's time. A number, because JSON puts quotes around text. */
const TIME = 1_111_111_111.111;

/**
 * Realistic frames at a high rate. Making each of them takes longer than reading it, so a few frames are
 * made, and then only their session, person and time change.
 */
export function createLoad(options: LoadOptions): Load {
  const { productId, sessions, actionsPerFrame = 1 } = options;
  const { random = createRandom(1), now = Date.now } = options;
  const model = createVisitor({
    person: { id: PERSON, name: '' },
    sessionId: SESSION,
    productId,
    random,
    now: () => TIME * 1_000,
    site: hostileSite,
  });
  const templates = Array.from({ length: TEMPLATES }, () => {
    const frame = model.next(actionsPerFrame);
    frame.forwarded_at = TIME;
    for (const action of frame.actions) action.timestamp_start = action.timestamp_end = TIME;
    return encodeFrame(frame).split(new RegExp(`(${SESSION}|${PERSON}|${TIME})`));
  });
  const sessionIds = Array.from({ length: sessions }, () => uuid(random));
  let turn = 0;
  let lastMicros = 0;

  return {
    sessionIds,
    next() {
      const session = turn % sessions;
      const template = templates[turn % TEMPLATES]!;
      turn += 1;
      // At least a microsecond apart, because the time identifies a frame.
      lastMicros = Math.max(Math.floor(now() * 1_000), lastMicros + 1);
      const time = (lastMicros / 1e6).toFixed(6);
      let bytes = '';
      for (const piece of template) {
        if (piece === SESSION) bytes += sessionIds[session];
        else if (piece === PERSON) bytes += `person-${session}`;
        else if (piece === String(TIME)) bytes += time;
        else bytes += piece;
      }
      return bytes;
    },
  };
}
