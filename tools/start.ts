import { runDemo } from './demo/run';
import { readSettings } from './demo/settings';
import { repositoryFolder } from './n8n/node24';

runDemo(() => ({ settings: readSettings(process.env, repositoryFolder) }));
