/** A description of n8n's editor, which may hold some HTML, as Markdown. */
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

/** A piece of code. */
export function code(text: string): string {
  return `\`${text.replace(/\|/g, '\\|')}\``;
}

/** `a, b or c`, or with another last word between them. */
export function either(words: readonly string[], last = 'or'): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;
}
