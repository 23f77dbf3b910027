/**
 * A text without what makes it read, to a person or a model, as something else than it says:
 *
 * - Characters that turn the direction of writing go. Letters of Arabic or Hebrew bring their own.
 * - So do invisible characters, in which instructions to a model could hide. Joiners stay between
 *   letters or emoji, where they shape what is seen; tags stay in the flags they spell; one
 *   variation selector stays with what it varies.
 * - So do control characters, save the tab and the line break, which all kinds of breaks become.
 * - Halves of characters are replaced first: two of them would become one character where what is
 *   between them is removed.
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
 * The {@link visible} text in one line, runs of white space as one space: a line break in a title could
 * forge a line of its own.
 */
export function oneLine(text: string): string {
  return visible(text).replace(/\s+/g, ' ').trim();
}

/** The text, or so much of it that it ends with an ellipsis after `max` characters (UTF-16 units). */
export function shorten(text: string, max: number): string {
  if (text.length <= max) return text;
  const last = text.charCodeAt(max - 2);
  // Half of a character would be none.
  const end = last >= 0xd800 && last <= 0xdbff ? max - 2 : max - 1;
  return `${text.slice(0, end)}…`;
}

/** What most texts are made of, and nothing is wrong with. */
const PLAIN = /^[\n\t\x20-\x7e]*$/;

/** Controls, directions, and what takes no space at all. */
const UNSEEN =
  /[\u0000-\u0008\u000e-\u001b\u007f-\u009f\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** The two joiners, wherever they do not stand between what they can join. */
const STRAY_JOINERS =
  /(?<![\p{L}\p{M}\p{Extended_Pictographic}\ufe0f\u{1f3fb}-\u{1f3ff}])[\u200c\u200d]|[\u200c\u200d](?![\p{L}\p{M}\p{Extended_Pictographic}])/gu;

const BLACK_FLAG = '\u{1f3f4}';

/** Whether tags spell a region, as of England or Texas, and end there. */
function isFlag(tags: string): boolean {
  return /^[\u{e0030}-\u{e0039}\u{e0061}-\u{e007a}]{3,6}\u{e007f}$/u.test(tags);
}
