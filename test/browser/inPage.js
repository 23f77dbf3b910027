// What tests ask of a page from within: `inPage` is put into every page before its own scripts.

const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });

/** Any colour that CSS knows, as red, green, blue (0 to 255) and how opaque it is (0 to 1). */
function parse(color) {
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = color;
  canvas.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
  return [red, green, blue, alpha / 255];
}

const over = (upper, lower) => [
  ...[0, 1, 2].map((i) => upper[i] * upper[3] + lower[i] * (1 - upper[3])),
  1,
];

/** The colour behind an element's text. */
function ground(element) {
  if (!element) return [255, 255, 255, 1];
  const own = parse(getComputedStyle(element).backgroundColor);
  return own[3] === 1 ? own : over(own, ground(element.parentElement));
}

function luminance(color) {
  const [red, green, blue] = color.slice(0, 3).map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** As WCAG defines it, 1 to 21. */
function contrast(element) {
  const behind = ground(element);
  const text = over(parse(getComputedStyle(element).color), behind);
  const [light, dark] = [luminance(text), luminance(behind)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function textHolders() {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const holders = new Set(document.querySelectorAll('textarea'));
  while (texts.nextNode()) {
    const { parentElement, nodeValue } = texts.currentNode;
    if (nodeValue.trim() !== '') holders.add(parentElement);
  }
  return [...holders].filter(
    (one) => one.checkVisibility() && !one.closest('.unseen, svg, legend'),
  );
}

globalThis.inPage = {
  /** How many visible texts there are, and those with less contrast than is enough. */
  texts(enough) {
    const all = textHolders().map((one) => ({ one, ratio: contrast(one) }));
    const faint = all
      .filter(({ ratio }) => ratio < enough)
      .map(({ one, ratio }) => `${ratio.toFixed(2)} .${one.className} ${one.textContent}`);
    return { count: all.length, faint };
  },
  /** Whether one sees what has the focus; radio buttons and text fields show it around them. */
  isFocusSeen() {
    const stop = document.activeElement;
    const around = stop.matches('textarea') ? stop.parentElement : stop;
    const shown = stop.matches('[type="radio"]') ? stop.nextElementSibling : around;
    const { outlineStyle, boxShadow } = getComputedStyle(shown);
    return outlineStyle !== 'none' || (shown !== stop && boxShadow !== 'none');
  },
  isFocused: (selector) => document.activeElement.matches(selector),
  style: (selector, property) =>
    getComputedStyle(document.querySelector(selector)).getPropertyValue(property),
  isTooWide: () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
};
