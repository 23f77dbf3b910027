import { join } from 'node:path';
import { runDemo } from './demo/run';
import { DEVELOPMENT, readSettings } from './demo/settings';
import { developing, reloadingEnvironment } from './dev/develop';
import { repositoryFolder } from './n8n/node24';

// `npm run dev`: the demo, with nodes that follow their sources.
runDemo(() => ({
  settings: readSettings(process.env, repositoryFolder, {
    usually: DEVELOPMENT,
    words: process.argv.slice(2),
  }),
  env: reloadingEnvironment,
  whileUp: async ({ settings, rest, packageFolder, setUp }) => {
    const log = (text: string) => console.log(`  ${text}`);
    log('Starting to watch the sources…');
    const { stop } = await developing({
      root: repositoryFolder,
      packageFolder,
      userFolder: settings.folder,
      rest,
      bringWorkflows: async () => void (await setUp()),
      log,
    });
    log(`Watching the sources. What n8n says is in ${join(settings.folder, 'n8n.log')}\n`);
    return stop;
  },
}));
