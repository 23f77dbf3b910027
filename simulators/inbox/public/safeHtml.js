/** The tags a message may consist of. Whatever else a body holds is shown as its text. */
const ALLOWED = new Set('P BR B STRONG I EM CODE PRE UL OL LI H1 H2'.split(' '));
const WEB_ADDRESS = /^https?:\/\//i;

/**
 * Rebuilds message HTML from new elements without attributes, but a link keeps where it leads, if that
 * is a web address, and a list the number it begins with. Parsing happens in a document that runs
 * nothing and loads nothing, and no markup is ever handed to this page itself.
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
      if (node.nodeName === 'OL') element.start = node.start;
      copy(node, element);
      to.append(element);
    } else if (node.nodeName === 'A' && WEB_ADDRESS.test(node.getAttribute('href'))) {
      const link = document.createElement('a');
      Object.assign(link, { href: node.href, target: '_blank', rel: 'noopener noreferrer' });
      copy(node, link);
      to.append(link);
    } else if (node.nodeName !== 'SCRIPT' && node.nodeName !== 'STYLE') {
      copy(node, to);
    }
  }
}
