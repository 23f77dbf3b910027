type Attributes = Record<string, string | number>;

/** An element; its content is other elements or text that `escape` went over. */
export function element(name: string, attributes: Attributes, content = ''): string {
  const written = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? short(value) : escape(value)}"`)
    .join('');
  return content === '' ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`;
}

export function text(x: number, y: number, words: string, attributes: Attributes = {}): string {
  return element('text', { x, y, ...attributes }, escape(words));
}

export function line(x1: number, y1: number, x2: number, y2: number, kind: string): string {
  return element('line', { x1, y1, x2, y2, class: kind });
}

/** What stands below is moved down by `y`. */
export function movedDown(y: number, content: string): string {
  return element('g', { transform: `translate(0 ${short(y)})` }, content);
}

/** How many series have a color of their own. */
export const COLORS = 6;

// Each color can be read on its ground, and told from its neighbors by those who see fewer colors.
const LIGHT = ['#1f6feb', '#c2410c', '#15803d', '#9333ea', '#b4235a', '#0e7490'];
const DARK = ['#79b8ff', '#fb923c', '#4ade80', '#c084fc', '#f472b6', '#22d3ee'];

const colors = (list: readonly string[]) =>
  list.map((color, i) => `.line${i}{stroke:${color}}.fill${i}{fill:${color}}`).join('');

const STYLE = [
  'text{font:13px system-ui,-apple-system,"Segoe UI",sans-serif;fill:#24292f}',
  '.title{font-size:17px;font-weight:600}.panel{font-size:14px;font-weight:600}',
  '.ground{fill:#fff}.grid{stroke:#d0d7de}.axis{stroke:#57606a}',
  '.curve{fill:none;stroke-width:2}',
  colors(LIGHT),
  '@media (prefers-color-scheme:dark){',
  'text{fill:#e6edf3}.ground{fill:#0d1117}.grid{stroke:#30363d}.axis{stroke:#8b949e}',
  `${colors(DARK)}}`,
].join('');

/** A whole picture; follows the reader's choice of light or dark, and needs no other file. */
export function picture(width: number, height: number, title: string, content: string): string {
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: 'img',
    },
    [
      element('title', {}, escape(title)),
      element('style', {}, STYLE),
      element('rect', { width, height, class: 'ground' }),
      text(20, 30, title, { class: 'title' }),
      content,
    ].join('\n'),
  );
}

/** As narrow as possible: a hundredth of a pixel is seen by nobody. */
export function short(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function escape(words: string): string {
  return words
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
