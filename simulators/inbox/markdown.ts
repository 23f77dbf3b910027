import MarkdownIt from 'markdown-it';

/** Links that carry their scheme, and no Markdown that a chat message does not have. */
const markdown = new MarkdownIt({ breaks: true, linkify: true }).disable([
  ...['image', 'reference', 'heading', 'lheading', 'code', 'blockquote', 'table', 'hr', 'entity'],
]);
markdown.linkify.set({ fuzzyLink: false, fuzzyEmail: false });

/** A chat message with light Markdown as HTML. Tags come out as the text they are. */
export const markdownToHtml = (text: string): string =>
  markdown.render(text).trim().replaceAll('<br>\n', '<br>');
