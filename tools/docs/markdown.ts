/** A table that Prettier leaves as it is; '' where there are no rows. */
export function table(head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    '<!-- prettier-ignore -->',
    line(head),
    `|${'---|'.repeat(head.length)}`,
    ...rows.map(line),
  ].join('\n');
}

/** A description of n8n's editor, which may hold some HTML, as Markdown for a table's cell. */
export function prose(text: string): string {
  return text
    .replace(/<a [^>]*href="([^"]*)"[^>]*>(.*?)<\/a>/g, '[$2]($1)')
    .replace(/<\/?(?:b|strong)>/g, '**')
    .replace(/<\/?(?:i|em)>/g, '*')
    .replace(/<\/?code>/g, '`')
    .replace(/<br ?\/?>/g, ' ')
    .replace(/</g, '&lt;')
    .replace(/\|/g, '\\|')
    .trim();
}

/** A description ({@link prose}) with a full stop: n8n's rules want none behind a single sentence. */
export function sentence(text: string | undefined): string {
  const said = prose(text ?? '');
  return said === '' || /[.!?…]$/.test(said) ? said : `${said}.`;
}

/** A piece of code within a table's cell. */
export function code(text: string): string {
  return `\`${text.replace(/\|/g, '\\|')}\``;
}

/** `a, b or c`, or with another last word between them. */
export function either(words: readonly string[], last = 'or'): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;
}
