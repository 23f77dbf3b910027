import { decodeHTML, escapeUTF8 } from 'entities';

/**
 * Plain text as simple HTML: a blank line starts a new paragraph, a line break becomes `<br>`. Halves of
 * characters are replaced, because browsers remove null bytes, and two halves around one
 * would become a character.
 */
export function textToHtml(text: string): string {
  return text
    .toWellFormed()
    .replace(/\r\n?/g, '\n')
    .split(/\n{2,}/)
    .map((paragraph) => `<p>${escapeHtml(paragraph).replaceAll('\n', '<br>')}</p>`)
    .join('');
}

/** Text as HTML text, so that a page's title cannot become markup. Older mail programs do not know `&apos;`. */
function escapeHtml(text: string): string {
  return escapeUTF8(text).replaceAll('&apos;', '&#39;');
}

/**
 * The words of a piece of HTML, or of plain text, with runs of white space as one space: what two
 * renderings of the same note have in common, whatever tags a service put in between.
 */
export function htmlWords(html: string): string {
  // No tag ends behind the last bracket. Looking for one there would take time by the square of what is there.
  const end = html.lastIndexOf('>') + 1;
  const text = html.slice(0, end).replace(/<[^>]*>/g, ' ') + html.slice(end);
  return decodeHTML(text)
    .replace(/[\s\u00a0]+/g, ' ')
    .trim();
}
