import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Linter } from 'eslint';

const { CORE, walls } = jest.requireActual<{ CORE: object; walls: Linter.Config[] }>(
  '../../eslint.walls.cjs',
);
const root = join(__dirname, '../..');

function complaints(file: string, source: string): string[] {
  const messages = new Linter({ cwd: root }).verify(`import '${source}';`, walls, {
    filename: join(root, file),
  });
  return messages.map(({ message }) => message);
}

it('every file and folder of core has its wall', () => {
  const names = readdirSync(join(root, 'core')).map((name) => name.replace(/\.ts$/, ''));
  expect(names.sort()).toEqual(Object.keys(CORE).sort());
});

it.each([
  ['core/memory/sql/made-up.ts', '../../delivery/deliver'],
  ['core/memory/made-up.ts', '../delivery/deliver'],
  ['core/delivery/made-up.ts', '../crisp/api'],
  ['core/products.ts', './crisp/api'],
  ['core/dispatcher/made-up.ts', '../memory/types'],
  ['core/http/made-up.ts', '../memory'],
  ['core/payload/made-up.ts', '../http/errors'],
  ['core/values.ts', './clock'],
  ['core/values.ts', './http/errors'],
  ['core/text/made-up.ts', '../../nodes/shared/items'],
  ['core/memory/sql/made-up.ts', '../../../test/support/batches'],
  ['core/clock.ts', '../simulators/clock'],
  ['core/summary/made-up.ts', 'n8n-workflow'],
  ['core/summary/made-up.ts', 'n8n-core'],
  ['core/text/made-up.ts', 'openai'],
  ['core/text/made-up.ts', 'entities-of-another'],
  ['nodes/shared/batching/made-up.ts', '../../../tools/progress'],
  ['nodes/shared/made-up.ts', '../CrispConversation/operations/send'],
  ['nodes/IntercomConversation/operations/made-up.ts', '../../CrispConversation/operations/send'],
  ['nodes/shared/made-up.ts', 'n8n-core'],
  ['simulators/crisp/made-up.ts', '../../test/support/until'],
  ['simulators/crisp/made-up.ts', '../../core/crisp/api'],
])('%s may not import %s', (file, source) => {
  expect(complaints(file, source)).toHaveLength(1);
});

it.each([
  ['core/memory/sql/made-up.ts', '../types'],
  ['core/memory/sql/made-up.ts', './sessions'],
  ['core/memory/sql/made-up.ts', '../../clock'],
  ['core/memory/sql/made-up.ts', 'kysely/migration'],
  ['core/stream/made-up.ts', '../payload/parse'],
  ['core/stream/made-up.ts', 'node:crypto'],
  ['core/crisp/made-up.ts', '../delivery/destination'],
  ['core/delivery/made-up.ts', '../products'],
  ['core/products.ts', './crisp/product'],
  ['core/identity.ts', './values'],
  ['nodes/CrispConversation/operations/made-up.ts', '../../shared/items'],
  ['nodes/CrispConversation/operations/made-up.ts', '../../../core/crisp/api'],
  ['nodes/shared/made-up.ts', 'n8n-workflow'],
  ['simulators/crisp/made-up.ts', '../../core/clock'],
])('%s may import %s', (file, source) => {
  expect(complaints(file, source)).toEqual([]);
});
