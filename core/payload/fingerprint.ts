/**
 * Tells contents apart by 128 bits, as 22 characters of base64url: MurmurHash3 (x86, 128 bits, seed 0) of the
 * given values. Every action of a busy stream passes here, and this takes less than half the time of SHA-256, whose
 * strength would protect nobody: only somebody who makes up actions could make two of them equal, and would lose
 * one of their own.
 *
 * @param values texts of any length and numbers; their order counts, and where one ends and the next begins
 */
export function fingerprint(values: ReadonlyArray<string | number | null>): string {
  let end = 1;
  for (const value of values) end = append(value, end);
  words[0] = end;
  // Whole blocks only. What they are filled up with cannot be mistaken for a value: the first word says how many count.
  while (end % 4 !== 0) words[end++] = 0;
  murmurHash3(words, end, lanes);
  return laneBytes.toString('base64url');
}

/** What is hashed, 32 bits each; used again each time, for there is one thread and no waiting. */
let words = new Int32Array(1_024);
const lanes = new Int32Array(4);
const laneBytes = Buffer.from(lanes.buffer);
const float = new Float64Array(1);
const floatWords = new Int32Array(float.buffer);

/** What stands before a value that is no text; before a text stands its length. */
const NULL = -1;
const NUMBER = -2;

/** Puts a value at a place; returns the next place. */
function append(value: string | number | null, at: number): number {
  const length = typeof value === 'string' ? value.length : 0;
  // With room for what fills up the last block.
  if (at + length / 2 + 8 > words.length) grow(at + length);
  const to = words;
  if (value === null) to[at++] = NULL;
  else if (typeof value === 'number') {
    float[0] = value;
    to[at++] = NUMBER;
    to[at++] = floatWords[0] as number;
    to[at++] = floatWords[1] as number;
  } else {
    to[at++] = length;
    const last = length - 1;
    let i = 0;
    for (; i < last; i += 2) to[at++] = value.charCodeAt(i) | (value.charCodeAt(i + 1) << 16);
    if (i === last) to[at++] = value.charCodeAt(i);
  }
  return at;
}

function grow(least: number): void {
  const longer = new Int32Array(2 * least);
  longer.set(words);
  words = longer;
}

/**
 * MurmurHash3_x86_128 by Austin Appleby, seed 0, of the first `count` words, which are whole blocks of four.
 * Each word of a block has a lane of its own; a rotation is written as its two shifts.
 *
 * @param to gets the four lanes: arrays that live for a moment are what would take the time here
 */
export function murmurHash3(data: Int32Array, count: number, to: Int32Array): void {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let i = 0; i < count; i += 4) {
    let k = Math.imul(data[i] as number, 0x239b961b);
    a ^= Math.imul((k << 15) | (k >>> 17), 0xab0e9789);
    a = (Math.imul(((a << 19) | (a >>> 13)) + b, 5) + 0x561ccd1b) | 0;
    k = Math.imul(data[i + 1] as number, 0xab0e9789);
    b ^= Math.imul((k << 16) | (k >>> 16), 0x38b34ae5);
    b = (Math.imul(((b << 17) | (b >>> 15)) + c, 5) + 0x0bcaa747) | 0;
    k = Math.imul(data[i + 2] as number, 0x38b34ae5);
    c ^= Math.imul((k << 17) | (k >>> 15), 0xa1e38b93);
    c = (Math.imul(((c << 15) | (c >>> 17)) + d, 5) + 0x96cd1c35) | 0;
    k = Math.imul(data[i + 3] as number, 0xa1e38b93);
    d ^= Math.imul((k << 18) | (k >>> 14), 0x239b961b);
    d = (Math.imul(((d << 13) | (d >>> 19)) + a, 5) + 0x32ac3b17) | 0;
  }
  const length = 4 * count;
  to[0] = a ^ length;
  to[1] = b ^ length;
  to[2] = c ^ length;
  to[3] = d ^ length;
  mixLanes(to);
  for (let lane = 0; lane < 4; lane += 1) to[lane] = mixBits(to[lane] as number);
  mixLanes(to);
}

/** Each lane gets something of every other one. */
function mixLanes(lanes: Int32Array): void {
  let sum = 0;
  for (let lane = 0; lane < 4; lane += 1) sum += lanes[lane] as number;
  lanes[0] = sum;
  for (let lane = 1; lane < 4; lane += 1) lanes[lane] = (lanes[lane] as number) + sum;
}

/** Each bit changes every other one of its lane with about the same probability. */
function mixBits(lane: number): number {
  lane = Math.imul(lane ^ (lane >>> 16), 0x85ebca6b);
  lane = Math.imul(lane ^ (lane >>> 13), 0xc2b2ae35);
  return lane ^ (lane >>> 16);
}
