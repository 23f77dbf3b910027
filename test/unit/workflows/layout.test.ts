import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** How the shipped workflows lie on n8n's canvas. What they do is tested in test/node and test/e2e. */

interface Node {
  name: string;
  type: string;
  position: [x: number, y: number];
  parameters: { content?: string; width?: number; height?: number };
  onError?: string;
}

interface Workflow {
  name: string;
  nodes: Node[];
  connections: Record<string, Record<string, { node: string }[][]>>;
}

interface Box {
  name: string;
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const folder = join(__dirname, '../../../workflows');
const shipped = readdirSync(folder).map((file): [string, Workflow] => [
  file,
  JSON.parse(readFileSync(join(folder, file), 'utf8')) as Workflow,
]);

const isNote = ({ type }: Node) => type === 'n8n-nodes-base.stickyNote';
const box = (name: string, [left, top]: Node['position'], width: number, height: number): Box => ({
  name,
  left,
  top,
  right: left + width,
  bottom: top + height,
});

/** A step with its name and subtitle below it, as n8n draws it. */
function stepBox({ name, type, position }: Node, { connections }: Workflow): Box {
  const LABEL = 50;
  const outputs = connections[name]?.main?.length ?? 1;
  if (type.endsWith('.agent')) return box(name, position, 256, 96 + LABEL);
  const isSubNode = Object.keys(connections[name] ?? {}).some((kind) => kind.startsWith('ai_'));
  if (isSubNode) return box(name, position, 80, 80 + LABEL);
  return box(name, position, 96, (outputs > 2 ? 128 : 96) + LABEL);
}

const noteBox = ({ name, position, parameters }: Node): Box =>
  box(name, position, parameters.width!, parameters.height!);

const overlap = (a: Box, b: Box) =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
const isWithin = (a: Box, b: Box) =>
  a.left >= b.left && a.right <= b.right && a.top >= b.top && a.bottom <= b.bottom;

describe.each(shipped)('workflows/%s', (_, workflow) => {
  const notes = workflow.nodes.filter(isNote);
  const steps = workflow.nodes.filter((node) => !isNote(node));
  const boxes = steps.map((step) => stepBox(step, workflow));
  const boxOf = (name: string) => boxes.find((one) => one.name === name)!;

  it('has no two steps and no two notes in the same place', () => {
    for (const group of [boxes, notes.map(noteBox)]) {
      for (const [i, a] of group.entries()) {
        const hit = group.slice(i + 1).filter((b) => overlap(a, b));
        expect([a.name, hit.map(({ name }) => name)]).toEqual([a.name, []]);
      }
    }
  });

  it('is read from left to right', () => {
    for (const [name, { main = [] }] of Object.entries(workflow.connections)) {
      for (const { node } of main.flat()) {
        expect([name, node, boxOf(node).left > boxOf(name).right]).toEqual([name, node, true]);
      }
    }
  });

  it('has each step on exactly one note, which explains it', () => {
    for (const step of boxes) {
      const under = notes.filter((note) => isWithin(step, noteBox(note)));
      expect([step.name, under.length]).toEqual([step.name, 1]);
    }
  });

  it('says by its names what its steps do', () => {
    for (const { name, type } of steps) {
      // What n8n would call it by itself says what it is.
      expect(name).not.toMatch(/^(Note|Node|Step)\b|\d$/);
      expect(name.toLowerCase().replaceAll(' ', '')).not.toBe(
        type.split('.').at(-1)!.toLowerCase(),
      );
    }
  });
});
