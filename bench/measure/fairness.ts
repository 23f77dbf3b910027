export interface Fairness {
  /** Notes with new actions. */
  notes: number;
  /**
   * Notes that passed another session over: their session had an earlier note, and the other one was
   * waiting before that note and has had none since. For each such note, how long the longest waiting
   * session had waited when the earlier note came, in milliseconds.
   */
  passedOver: number[];
  /** Milliseconds from a session's first action that is in no note to the note with it. */
  waits: number[];
  /** The number of notes of each session that acted. */
  notesPerSession: number[];
}

/** Checks that sessions take turns. Times are in milliseconds; actions are sent in the order of their numbers. */
export function createFairness(capacity: number) {
  const sentAt = new Float64Array(capacity);
  const sessionOf = new Int32Array(capacity);
  const arrived = new Uint8Array(capacity);
  const notes = new Map<number, { count: number; at: number }>();
  const waits: number[] = [];
  const passedOver: number[] = [];
  let sent = 0;
  /** The first number that is in no note. */
  let oldest = 0;

  /** How long another session had waited then that has had no note since; undefined without one. */
  function longestWait(time: number, but: number): number | undefined {
    for (let serial = oldest; serial < sent && sentAt[serial]! < time; serial += 1) {
      const session = sessionOf[serial]!;
      if (arrived[serial] || session === but || notes.get(session)!.at >= time) continue;
      return time - sentAt[serial]!;
    }
    return undefined;
  }

  return {
    sent(serial: number, session: number, at: number): void {
      sentAt[serial] = at;
      sessionOf[serial] = session;
      sent = serial + 1;
      if (!notes.has(session)) notes.set(session, { count: 0, at: -Infinity });
    },
    /** @param serials the actions of a note, in its order */
    noted(serials: readonly number[], at: number): void {
      const fresh = serials.filter((serial) => serial < sent && !arrived[serial]);
      const [first] = fresh;
      if (first === undefined) return;
      for (const serial of fresh) arrived[serial] = 1;
      while (oldest < sent && arrived[oldest]) oldest += 1;
      const session = sessionOf[first]!;
      const before = notes.get(session)!;
      const waited = before.count > 0 ? longestWait(before.at, session) : undefined;
      if (waited !== undefined) passedOver.push(waited);
      notes.set(session, { count: before.count + 1, at });
      waits.push(at - sentAt[first]!);
    },
    outcome(): Fairness {
      const notesPerSession = [...notes.values()].map(({ count }) => count);
      return { notes: waits.length, passedOver, waits, notesPerSession };
    },
  };
}
