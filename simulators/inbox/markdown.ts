import { escapeHtml } from '../intercom/html';

const PAIR = String.raw`\([^\s<>"()]*\)`;
/** Spans are bounded, so that a text full of openings that never close costs no more than any other. */
const INLINE = new RegExp(
  [
    String.raw`\\(?<literal>[\\\x60*_[\]])`,
    String.raw`\x60(?<code>[^\x60\n]+)\x60`,
    String.raw`\[(?<label>[^[\]\n]{1,300})\]\((?<target>https?:\/\/[^\s()<>"]+)\)`,
    // A full stop or bracket behind an address is not part of it, a pair of brackets inside is.
    String.raw`(?<bare>https?:\/\/(?:[^\s<>"()]|${PAIR})*(?:[^\s<>".,;:!?'*_()[\]{}]|${PAIR}))`,
    String.raw`(?<!\w)(?<two>\*\*|__)(?=\S)(?<strong>.{1,500}?)(?<=\S)\k<two>(?![\w*])`,
    String.raw`(?<![\w*])(?<one>[*_])(?=[^\s*_])(?<em>.{1,500}?)(?<=[^\s*_])\k<one>(?![\w*])`,
  ].join('|'),
  'giu',
);
const BULLET = /^\s*[-*•]\s+(?<item>\S.*)$/;
const NUMBER = /^\s*(?<start>\d{1,3})[.)]\s+(?<item>\S.*)$/;
const FENCE = /^\s*```/;

/**
 * A text with light Markdown as HTML: bold, italics, code, links to http and https, lists and line
 * breaks. Everything else, tags above all, comes out as the text it is.
 */
export function markdownToHtml(text: string): string {
  const blocks: string[] = [];
  const lines = text.trim().split(/\r?\n/);
  /** Takes the lines off that belong together. */
  const takeWhile = (belongs: (line: string) => boolean): string[] => {
    const end = lines.findIndex((line) => !belongs(line));
    return lines.splice(0, end === -1 ? lines.length : end);
  };
  const list = (pattern: RegExp): string =>
    takeWhile((line) => pattern.test(line))
      .map((line) => `<li>${inline(pattern.exec(line)!.groups!.item!)}</li>`)
      .join('');

  while (lines.length > 0) {
    const line = lines[0]!;
    const start = NUMBER.exec(line)?.groups?.start;
    if (FENCE.test(line)) {
      lines.shift();
      const code = takeWhile((inside) => !FENCE.test(inside)).join('\n');
      lines.shift();
      blocks.push(`<pre>${escapeHtml(code)}</pre>`);
    } else if (BULLET.test(line)) {
      blocks.push(`<ul>${list(BULLET)}</ul>`);
    } else if (start !== undefined) {
      blocks.push(`<ol start="${Number(start)}">${list(NUMBER)}</ol>`);
    } else if (line.trim() === '') {
      lines.shift();
    } else {
      blocks.push(`<p>${takeWhile(isPlain).map(inline).join('<br>')}</p>`);
    }
  }
  return blocks.join('\n');
}

const isPlain = (line: string): boolean =>
  line.trim() !== '' && ![FENCE, BULLET, NUMBER].some((pattern) => pattern.test(line));

function inline(text: string): string {
  let html = '';
  let done = 0;
  for (const match of text.matchAll(INLINE)) {
    html += escapeHtml(text.slice(done, match.index));
    html += span(match.groups!);
    done = match.index + match[0].length;
  }
  return html + escapeHtml(text.slice(done));
}

/** Of the groups exactly one kind is set. */
function span(groups: Record<string, string | undefined>): string {
  const { literal, code, label, target, bare, strong, em } = groups;
  if (literal !== undefined) return escapeHtml(literal);
  if (code !== undefined) return `<code>${escapeHtml(code)}</code>`;
  if (target !== undefined) return link(target, label!);
  if (bare !== undefined) return link(bare, bare);
  return strong !== undefined ? `<b>${inline(strong)}</b>` : `<i>${inline(em!)}</i>`;
}

const link = (target: string, label: string): string =>
  `<a href="${escapeHtml(target)}">${escapeHtml(label)}</a>`;
