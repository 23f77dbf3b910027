// What tsc leaves out and n8n needs beside the compiled nodes: icons and codex files.
const { src, dest } = require('gulp');

/** Copies icons (SVG) and codex files (`<Node>.node.json`) into `dist`, keeping their folders. */
function assets() {
  return src(['nodes/**/*.svg', 'nodes/**/*.node.json', 'credentials/**/*.svg'], {
    base: '.',
    encoding: false,
  }).pipe(dest('dist'));
}

exports.build = assets;
exports.default = assets;
