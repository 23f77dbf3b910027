import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { readers } from '../fuzz/targets/patterns';

const root = join(__dirname, '../..');

/** Files whose expressions read no text from outside: a database's errors, settings, a note's id. */
const READ_OUR_OWN = [
  'core/crisp/api.ts',
  'core/memory/sql/migrations.ts',
  'core/memory/sql/postgresErrors.ts',
  'core/memory/sql/postgresMemory.ts',
  'core/stream/stream.ts',
];

/** Whether a file has an expression that repeats something without a limit. */
function repeats(file: string): boolean {
  const source = ts.createSourceFile(
    file,
    readFileSync(join(root, file), 'utf8'),
    ts.ScriptTarget.Latest,
  );
  let found = false;
  const look = (node: ts.Node): void => {
    found ||= ts.isRegularExpressionLiteral(node) && /[*+]|,\}/.test(node.text);
    found ||= ts.isNewExpression(node) && node.expression.getText(source) === 'RegExp';
    ts.forEachChild(node, look);
  };
  look(source);
  return found;
}

it('the fuzzer attacks every expression in core that repeats without a limit', () => {
  const files = readdirSync(join(root, 'core'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `core/${file.replaceAll('\\', '/')}`);
  const covered = [...readers.map(({ file }) => file), ...READ_OUR_OWN];
  expect(files.filter((file) => repeats(file) && !covered.includes(file))).toEqual([]);
});
