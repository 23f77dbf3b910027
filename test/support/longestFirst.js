const { default: Sequencer } = require('@jest/test-sequencer');

// A file that takes minutes and starts last would leave all other workers idle. Jest itself knows what files took
// only after their first run.
const projects = ['e2e', 'oldest', 'browser', 'node', 'postgres', 'unit'];
const longest = [
  'queue',
  'crisp',
  'restarts',
  'outages',
  'kills',
  'editor',
  'load',
  'documentation',
];

const rank = ({ path, context }) => {
  const project = projects.indexOf(context.config.displayName?.name);
  const name = /([^/]+)\.test\.ts$/.exec(path)?.[1];
  const file = longest.indexOf(name);
  return project * 100 + (file < 0 ? longest.length : file);
};

/** Starts end-to-end tests before all others, and of those the longest first. */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    return super.sort(tests).sort((a, b) => rank(a) - rank(b));
  }
};
