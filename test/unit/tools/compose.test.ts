import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { queueEnvironment } from '../../../tools/n8n';
import { repositoryFolder } from '../../../tools/n8n/node24';
import { composeFile } from '../../support/compose';

// Tests do not run Docker. The end-to-end tests of queue mode run with the file's environment and install
// the package with its command, and this test keeps both the same.

const { services, volumes, text } = composeFile();
const ofN8n = ['main', 'worker-1', 'worker-2'].map((name) => services[name]!);
const read = (file: string) => readFileSync(join(repositoryFolder, file), 'utf8');

it('the Compose file gives all n8n processes the tested environment and the public address', () => {
  const { POSTGRES_DB, POSTGRES_USER, POSTGRES_PASSWORD } = services.postgres!.environment!;
  const tested = queueEnvironment({
    database: {
      host: 'postgres',
      port: 5432,
      database: POSTGRES_DB!,
      user: POSTGRES_USER!,
      password: POSTGRES_PASSWORD!,
      ssl: false,
    },
    redis: { host: 'redis', port: 6379 },
    encryptionKey: '${N8N_ENCRYPTION_KEY:?see .env.example}',
  });
  const expected = { ...tested, WEBHOOK_URL: '${WEBHOOK_URL:-http://localhost:5678/}' };
  for (const { environment } of ofN8n) expect(environment).toEqual(expected);
});

it('the Compose file runs the tested n8n, with the package from one volume', () => {
  const { dependencies } = JSON.parse(read('tools/n8n/package.json')) as {
    dependencies: { n8n: string };
  };
  for (const { image, volumes } of [...ofN8n, services.nodes!]) {
    expect(image).toBe(`docker.n8n.io/n8nio/n8n:\${N8N_VERSION:-${dependencies.n8n}}`);
    expect(volumes).toContain('nodes:/home/node/.n8n/nodes');
  }
});

it('the Compose file has health checks for dependencies, and named volumes for data', () => {
  const waitedFor = Object.values(services).flatMap(({ depends_on = {} }) =>
    Object.entries(depends_on).flatMap(([name, { condition }]) =>
      condition === 'service_healthy' ? [name] : [],
    ),
  );
  for (const name of [...waitedFor, 'worker-1', 'worker-2']) {
    expect([name, services[name]?.healthcheck?.test.length]).toEqual([name, expect.any(Number)]);
  }
  const used = Object.values(services)
    .flatMap((service) => service.volumes ?? [])
    .map((volume) => volume.split(':')[0]!)
    .filter((name) => name !== '.');
  expect([...new Set(used)].sort()).toEqual(Object.keys(volumes).sort());
});

it('the Compose file and .env.example have the same variables', () => {
  const names = (found: string, pattern: RegExp) =>
    [...new Set([...found.matchAll(pattern)].map(([, name]) => name!))].sort();
  const example = read('.env.example');
  expect(names(text, /\$\{(\w+):\?/g)).toEqual(names(example, /^(\w+)=$/gm));
  expect(names(text, /\$\{(\w+)/g)).toEqual(names(example, /^(?:# )?(\w+)=/gm));
});
