import { runDemo } from './demo/run';
import { readSettings } from './demo/settings';
import { repositoryFolder } from './n8n/node24';

const [, , ...words] = process.argv;
runDemo(() => ({ settings: readSettings(process.env, repositoryFolder, { words }) }));
