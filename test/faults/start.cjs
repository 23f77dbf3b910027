// `npm run faults`, which brings Node 24.
require('../../bench/register.cjs');
require('./index.ts');
