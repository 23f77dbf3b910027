// `npm run fuzz`, which brings Node 24.
require('../../tools/register.cjs');
require('./index.ts');
