import type { Project } from '../types';

/** What a website's SDK learns of its project at the start. Only names that posthog-js reads. */
export function configOf({ apiToken }: Project): Record<string, unknown> {
  return {
    token: apiToken,
    supportedCompression: ['gzip', 'gzip-js'],
    hasFeatureFlags: false,
    captureDeadClicks: true,
    capturePerformance: false,
    autocapture_opt_out: false,
    autocaptureExceptions: true,
    errorTracking: { autocaptureExceptions: true, suppressionRules: [] },
    analytics: { endpoint: '/i/v0/e/' },
    elementsChainAsString: true,
    sessionRecording: false,
    heatmaps: false,
    surveys: false,
    productTours: false,
    conversations: false,
    logs: { captureConsoleLogs: false },
    defaultIdentifiedOnly: true,
    siteApps: [],
  };
}

/** The same as a script, which posthog-js loads first. */
export function configScript(project: Project): string {
  const json = JSON.stringify(configOf(project)).replaceAll('<', '\\u003c');
  return `(function () {
  var all = (window._POSTHOG_REMOTE_CONFIG = window._POSTHOG_REMOTE_CONFIG || {});
  var config = ${json};
  all[config.token] = { config: config, siteApps: [] };
})();
`;
}

/** The answer to a request for feature flags: there are none. */
export const NO_FLAGS = {
  flags: {},
  errorsWhileComputingFlags: false,
  quotaLimited: [],
  requestId: '00000000-0000-4000-8000-000000000000',
};
