import type { Person } from './connector';
import type { Admin } from './intercom';
import type { PersonalKey, Project } from './posthog';

/** Everything the demo agrees on. None of it opens anything outside of the simulators. */
export const demo = {
  productId: 'northwind-boards',
  connectorToken: 'uk_live_northwind_demo',
  /** Of a connector that pushes. */
  pushSecret: 'northwind-demo-push-secret',
  posthogKey: 'phx_northwind_demo',
  /** The key of destinations' signatures. */
  posthogSigningSecret: 'whsec_bm9ydGh3aW5kLWRlbW8tc2lnbmluZy1zZWNyZXQ=',
  /** What your own agents and Fin with a fixed secret ask with. */
  contextToken: 'northwind-demo-context-token',
  /** Signs the tokens of the website's users for Fin. */
  userTokenSecret: 'northwind-demo-secret-of-user-tokens',
  /** Signs what Hugo asks. */
  hugoSecret: 'mcp_sec_northwind_demo',
  intercomToken: 'dG9rOm5vcnRod2luZC1kZW1v',
  intercomClientSecret: 'northwind-demo-client-secret',
  crispWebsiteId: '7c1d9a52-4f0e-4b8a-93d6-2e5b8f6a1c40',
  crispTokenIdentifier: 'b2f0c6e4-8d17-4a39-a5c2-61d3e9f7082b',
  crispTokenKey: 'northwind-demo-crisp-token-key',
  /** The `key` in the URL of the website's hook. */
  crispHookKey: 'northwind-demo-crisp-hook-key',
  modelKey: 'sk-northwind-demo',
  model: 'gpt-4o-mini',
} as const;

/** The project in PostHog, in a region of its own. */
export const posthogProject: Project = {
  id: 7,
  uuid: '01a0c44e-0000-7000-8000-000000000007',
  name: 'Northwind Boards',
  organizationId: '01a0c44e-0000-7000-8000-00000000000a',
  apiToken: 'phc_northwind_demo',
};

/** The key that n8n has in the demo, with what it needs and no more. */
export const posthogKeys: readonly PersonalKey[] = [
  { value: demo.posthogKey, scopes: ['project:read', 'hog_function:write'], userId: 1 },
];

/** Who visits. Their ids are the contacts' external ids in Intercom, PostHog's ids in Crisp and the stream's user ids. */
export const people: readonly Person[] = [
  { id: '70', name: 'Amara Okafor', email: 'amara.okafor@brightleaf.example' },
  { id: '71', name: 'Jonas Lindqvist', email: 'jonas@fjordworks.example' },
  { id: '72', name: '山田 はな', email: 'hana.yamada@sakurastudio.example' },
  { id: '73', name: 'Priya Raman', email: 'priya@lumenlabs.example' },
  { id: '74', name: 'Mateo Álvarez', email: 'mateo@casaverde.example' },
  { id: '75', name: 'Léa Fontaine', email: 'lea.fontaine@atelier-nord.example' },
];

/** The token's own admin first. */
export const admins: readonly Admin[] = [
  { id: '9912674', name: 'Autoplay', email: 'autoplay@northwindboards.example' },
  { id: '9912675', name: 'Sam Rivera', email: 'sam@northwindboards.example' },
];
