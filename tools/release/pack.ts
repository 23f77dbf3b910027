import { repositoryFolder } from '../n8n/node24';
import { put, restore } from './published';

/** Run by npm around `npm pack`: addresses in the files of the package, and the sources as they were. */
if (process.argv[2] === 'restore') restore(repositoryFolder);
else put(repositoryFolder);
