import type { Block, PagePlan } from './blocks';

const MARKED = /<!-- ?generated: ?(.+?) ?-->\n[\s\S]*?<!-- ?end(?: of generated)? ?-->/g;

/**
 * A page with its blocks as they have to be; everything between them stays as it is written. A block that
 * the page lacks is added at the end, under a heading.
 *
 * @param page the page as it is, '' for a new one
 * @throws for markers of a block that there is none (any more)
 */
export function fillPage(page: string, { file, title, blocks }: PagePlan): string {
  const present = new Set<string>();
  const filled = (page || `# ${title}\n`).replace(MARKED, (_, name: string) => {
    const block = blocks.find((one) => inMarker(one) === name.replaceAll(' ', '-'));
    if (!block) {
      throw new Error(`${file}: there is no "${name}" any more; remove its section.`);
    }
    present.add(block.name);
    return marked(block);
  });
  const lacking = blocks.filter(({ name }) => !present.has(name));
  const added = lacking.map((block) => {
    const heading = block.heading ? `## ${block.heading}\n\n` : '';
    return `\n${heading}${marked(block)}\n`;
  });
  return filled + added.join('');
}

/** The name of a node's page: `autoplay-session-memory.md`. */
export function pageOf({ name }: { name: string }): string {
  return `${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.md`;
}

function marked(block: Block): string {
  return `<!--generated:${inMarker(block)}-->\n\n${block.text}\n\n<!--end-->`;
}

const inMarker = ({ name }: Block) => name.replaceAll(' ', '-');
