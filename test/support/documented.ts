import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A field that a node's page names. */
export interface DocumentedField {
  name: string;
  /** It is there in some cases only, as the page says. */
  isOptional: boolean;
}

const OPTIONAL = /\bonly\b|^true for /i;

/**
 * The output fields that a page of `docs/nodes` lists below a heading.
 *
 * @param intro the line above the list
 */
export function documentedFields(
  page: string,
  heading: string,
  intro = 'Output fields',
): DocumentedField[] {
  const text = readFileSync(join(__dirname, `../../docs/nodes/${page}.md`), 'utf8');
  const section = text.split(/\n(?=## )/).find((one) => one.startsWith(`## ${heading}\n`)) ?? '';
  // What every chat product has is listed once.
  const elsewhere = /\]\(([\w-]+)\.md#[\w-]+\), with the same output fields/.exec(section)?.[1];
  if (elsewhere) return documentedFields(elsewhere, heading, intro);
  const [, list = ''] = section.split(`${intro}:\n\n`);
  const entries = list.split('\n\n')[0]!.matchAll(/^- ((?:`\w+`(?:, )?)+): (.+)$/gm);
  const fields = [...entries].flatMap(([, names, holds]) =>
    [...names!.matchAll(/`(\w+)`/g)].map(([, name]) => ({
      name: name!,
      isOptional: OPTIONAL.test(holds!),
    })),
  );
  if (fields.length === 0) throw new Error(`${page}: no fields below "${heading}"`);
  return fields;
}

/** What a page does not say of an item, and what it says in vain. */
export function differences(
  item: object,
  documented: readonly DocumentedField[],
  cameIn: object = {},
): { unmentioned: string[]; missing: string[] } {
  const known = [...documented.map(({ name }) => name), ...Object.keys(cameIn)];
  return {
    unmentioned: Object.keys(item).filter((name) => !known.includes(name)),
    missing: documented
      .filter(({ name, isOptional }) => !isOptional && !(name in item))
      .map(({ name }) => name),
  };
}

export const NO_DIFFERENCES = { unmentioned: [], missing: [] };
