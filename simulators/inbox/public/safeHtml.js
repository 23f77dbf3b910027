/** The tags a message may consist of. Whatever else a body holds is shown as its text. */
const ALLOWED = new Set(['P', 'BR', 'B', 'STRONG', 'I', 'EM', 'UL', 'OL', 'LI', 'H1', 'H2']);

/**
 * Rebuilds message HTML from new elements without any attributes. Parsing happens in a document that
 * runs nothing and loads nothing, and no markup is ever handed to this page itself.
 *
 * @param {string} html
 * @returns {DocumentFragment}
 */
export function safeHtml(html) {
  const parsed = new DOMParser().parseFromString(html, 'text/html');
  const fragment = document.createDocumentFragment();
  copy(parsed.body, fragment);
  return fragment;
}

function copy(from, to) {
  for (const node of from.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) {
      to.append(node.nodeValue);
    } else if (ALLOWED.has(node.nodeName)) {
      const element = document.createElement(node.nodeName);
      copy(node, element);
      to.append(element);
    } else if (node.nodeName !== 'SCRIPT' && node.nodeName !== 'STYLE') {
      copy(node, to);
    }
  }
}
