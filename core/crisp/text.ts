/**
 * Plain text for Crisp, which renders Markdown: a link cannot hide where it leads, an image is not
 * loaded, no line gives others a link. An address by itself may be clicked all the same. Other Markdown (bold, code) at most looks
 * odd. Crisp renders no HTML.
 */
export function plainText(text: string): string {
  return text.replace(/\](?=[([:])/g, '] ');
}
