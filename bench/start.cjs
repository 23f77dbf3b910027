// `npm run bench`, which brings Node 24.
require('./register.cjs');
require('./index.ts');
