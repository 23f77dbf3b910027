import { decodeHTML, escapeUTF8 } from 'entities';

/**
 * Plain text as simple HTML: a blank line starts a new paragraph, a line break becomes `<br>`. Replaces lone
 * surrogates, because browsers remove null bytes, and two surrogates around one would become a character.
 */
export function textToHtml(text: string): string {
  return text
    .toWellFormed()
    .replace(/\r\n?/g, '\n')
    .split(/\n{2,}/)
    .map((paragraph) => `<p>${escapeHtml(paragraph).replaceAll('\n', '<br>')}</p>`)
    .join('');
}

/** Escapes text for HTML, so that a page's title cannot become markup. Older mail programs do not know `&apos;`. */
function escapeHtml(text: string): string {
  return escapeUTF8(text).replaceAll('&apos;', '&#39;');
}

/**
 * The words of a piece of HTML, or of plain text, separated by single spaces. Two renderings of the same note
 * have them in common, whatever tags a service adds.
 */
export function htmlWords(html: string): string {
  // No tag ends after the last bracket. Searching there would take quadratic time.
  const end = html.lastIndexOf('>') + 1;
  const text = html.slice(0, end).replace(/<[^>]*>/g, ' ') + html.slice(end);
  return decodeHTML(text)
    .replace(/[\s\u00a0]+/g, ' ')
    .trim();
}
