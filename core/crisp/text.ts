/**
 * Plain text for Crisp, which renders Markdown: what would become a link or an image stays words.
 * Other Markdown (bold, code) at most looks odd. Crisp renders no HTML.
 */
export function plainText(text: string): string {
  return text.replace(/\](?=[([])/g, '] ');
}
