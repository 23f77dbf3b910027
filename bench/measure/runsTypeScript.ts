import { join } from 'node:path';

/** Node's arguments for a process or thread that is to run TypeScript, as the benchmark itself does. */
export const runsTypeScript = ['--require', join(__dirname, '../../tools/register.cjs')];
