import { decodeHTML } from 'entities';

const BLOCKS = new Set(['p', 'h1', 'h2', 'ul', 'ol', 'li', 'pre']);
const INLINE = new Set(['b', 'strong', 'i', 'em', 'u', 'a', 'code']);
const LISTS = new Set(['ul', 'ol']);
const TOKEN =
  /<!--[\s\S]*?(?:-->|$)|<(script|style)\b[\s\S]*?<\/\1\s*>|<(\/?)([a-z][a-z0-9]*)\b([^>]*)>|[^<]+|</gi;
/** Escapes text for HTML. */
export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Plain text as message HTML: a blank line separates paragraphs, a newline breaks the line. */
export function textToHtml(text: string): string {
  const paragraphs = text.trim().split(/\n\s*\n/);
  return paragraphs
    .map((lines) => `<p>${escapeHtml(lines).replaceAll('\n', '<br>')}</p>`)
    .join('\n');
}

/** What a reader sees of message HTML, for plain-text views and webhooks. */
export function htmlToText(html: string): string {
  const spaced = html.replace(/<br\s*\/?>/gi, '\n').replace(/<\/(p|li|h1|h2|pre)>\s*/gi, '\n\n');
  return decodeHTML(spaced.replace(/<[^>]*>/g, '')).trim();
}

/**
 * A body as Intercom stores it. A few tags stay, without attributes except a link's target; other tags,
 * comments and scripts are removed. Each block is on its own line, text outside of a block gets a `<p>`,
 * and entities are written in one way. So a stored body rarely equals the sent one byte for byte.
 */
export function sanitise(body: string): string {
  if (!/<[a-z/!]/i.test(body)) return textToHtml(decodeHTML(body));
  const open: string[] = [];
  let html = '';

  const start = (tag: string, attributes = ''): void => {
    if (BLOCKS.has(tag) && html !== '' && !html.endsWith('\n') && tag !== 'pre') html += '\n';
    html += `<${tag}${attributes}>`;
    open.push(tag);
    if (LISTS.has(tag)) html += '\n';
  };
  const end = (tag: string): void => {
    while (open.length > 0) {
      const closing = open.pop()!;
      if (LISTS.has(closing) && !html.endsWith('\n')) html += '\n';
      html += `</${closing}>`;
      if (BLOCKS.has(closing)) html += '\n';
      if (closing === tag) return;
    }
  };
  const insideBlock = (): boolean => open.some((tag) => BLOCKS.has(tag) && !LISTS.has(tag));

  for (const [token, hidden, slash, name = '', attributes = ''] of body.matchAll(TOKEN)) {
    const tag = name.toLowerCase();
    if (token.startsWith('<!--') || hidden) continue;
    if (!tag) {
      const text = escapeHtml(decodeHTML(token.replace(/\s+/g, ' ')));
      if (!insideBlock() && text.trim() === '') continue;
      if (!insideBlock()) start(LISTS.has(open.at(-1) ?? '') ? 'li' : 'p');
      html += text;
    } else if (tag === 'br') {
      html += insideBlock() ? '<br>' : '';
    } else if (!BLOCKS.has(tag) && !INLINE.has(tag)) {
      // The tag of a division is removed, but its content does not join its neighbour's paragraph.
      if (/^(div|tr|section|article|body)$/.test(tag) && open.includes('p')) end('p');
    } else if (slash) {
      if (open.includes(tag)) end(tag);
    } else {
      if (BLOCKS.has(tag) && open.includes('p')) end('p');
      if (tag === 'li' && open.at(-1) === 'li') end('li');
      if (INLINE.has(tag) && !insideBlock()) start('p');
      start(tag, tag === 'a' ? linkTarget(attributes) : '');
    }
  }
  if (open.length > 0) end(open[0]!);
  return html
    .replace(/ +(<br>|<\/p>|<\/li>)/g, '$1')
    .replace(/(<br>|<p>|<li>) +/g, '$1')
    .trim();
}

function linkTarget(attributes: string): string {
  const href = /\bhref\s*=\s*["']?((?:https?:|mailto:)[^"'\s>]+)/i.exec(attributes)?.[1];
  return href === undefined ? '' : ` href="${href.replaceAll('"', '&quot;')}"`;
}
