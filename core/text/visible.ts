/**
 * A text without characters that make a person or a model read something else than is visible. Removes:
 *
 * - Characters that change the direction of writing. Arabic and Hebrew letters have their own direction.
 * - Invisible characters, in which instructions to a model could hide. Joiners stay between letters or
 *   emoji, where they change what is visible. Tags stay in the flags that they spell. One variation selector
 *   stays behind the character that it varies.
 * - Control characters, except tabs and line breaks. All kinds of line breaks become `\n`.
 *
 * Lone surrogates are replaced first, because removing what is between two of them would make a character.
 */
export function visible(text: string): string {
  if (PLAIN.test(text)) return text;
  return text
    .toWellFormed()
    .replace(/\r\n?|[\u000b\u000c\u001c-\u001f\u0085\u2028\u2029]/g, '\n')
    .replace(UNSEEN, '')
    .replace(/[\u{e0000}-\u{e007f}]+/gu, (tags, at: number, whole: string) =>
      isFlag(tags) && whole.startsWith(BLACK_FLAG, at - BLACK_FLAG.length) ? tags : '',
    )
    .replace(/(?<!\p{Ideographic})[\u{e0100}-\u{e01ef}]+/gu, '')
    .replace(STRAY_JOINERS, '')
    .replace(/(?<=[\ufe00-\ufe0f\u{e0100}-\u{e01ef}])[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]+/gu, '');
}

/**
 * The {@link visible} text in one line, with single spaces. A line break in a title could pose as another line
 * of the list.
 */
export function oneLine(text: string): string {
  const seen = visible(text);
  return UNEVEN.test(seen) ? seen.replace(/\s+/g, ' ').trim() : seen;
}

/** The text, cut if necessary so that it has at most `max` characters (UTF-16 units) with the ellipsis. */
export function shorten(text: string, max: number): string {
  if (text.length <= max) return text;
  const last = text.charCodeAt(max - 2);
  // A lone surrogate is no character.
  const end = last >= 0xd800 && last <= 0xdbff ? max - 2 : max - 1;
  return `${text.slice(0, end)}…`;
}

/** The text in {@link oneLine}, cut if necessary so that it has at most `max` characters (UTF-16 units). */
export function shortLine(text: string, max: number): string {
  const line = oneLine(text);
  // The cut may leave a joiner with nothing to join.
  return line.length <= max ? line : oneLine(shorten(line, max));
}

/** The text without brackets that could close a fence around it in a prompt. */
export function fenced(text: string): string {
  return text.toWellFormed().replaceAll('<', '‹').replaceAll('>', '›');
}

/** Most texts have only these characters, which are all harmless. */
const PLAIN = /^[\n\t\x20-\x7e]*$/;

/** White space other than single spaces between words. */
const UNEVEN = /[^\S ]|  |^ | $/;

/** Control characters, direction marks, and characters without width. */
const UNSEEN =
  /[\u0000-\u0008\u000e-\u001b\u007f-\u009f\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** The two joiners, except between characters that they can join. */
const STRAY_JOINERS =
  /(?<![\p{L}\p{M}\p{Extended_Pictographic}\ufe0f\u{1f3fb}-\u{1f3ff}])[\u200c\u200d]|[\u200c\u200d](?![\p{L}\p{M}\p{Extended_Pictographic}])/gu;

const BLACK_FLAG = '\u{1f3f4}';

/** Whether tags spell a region, such as England or Texas, and end there. */
function isFlag(tags: string): boolean {
  return /^[\u{e0030}-\u{e0039}\u{e0061}-\u{e007a}]{3,6}\u{e007f}$/u.test(tags);
}
