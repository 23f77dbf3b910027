// What tsc leaves out and n8n needs beside the compiled nodes: icons and codex files.
const { src, dest, watch } = require('gulp');

const files = ['nodes/**/*.svg', 'nodes/**/*.node.json', 'credentials/**/*.svg'];

/** Copies icons (SVG) and codex files (`<Node>.node.json`) into `dist`, keeping their folders. */
function assets() {
  return src(files, { base: '.', encoding: false }).pipe(dest('dist'));
}

/** The same again whenever one of them changes. */
function watchAssets() {
  return watch(files, assets);
}

exports.build = assets;
exports.watch = watchAssets;
exports.default = assets;
