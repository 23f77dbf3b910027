import type { DocumentedRequest } from '../../http/shape';

// After the serializers of PostHog's API, as far as it is simulated.

const changed = {
  'name?': 'string',
  'description?': 'string',
  'enabled?': 'boolean',
  'inputs?': 'object',
  'filters?': 'object',
} as const;

/** Requests that the API documents, of those that the simulator knows; below `/api/projects/…/`. */
export const documented: readonly DocumentedRequest[] = [
  { method: 'GET', path: /^$/ },
  {
    method: 'GET',
    path: /^hog_functions$/,
    query: {
      'type?': 'string',
      'limit?': 'integer',
      'offset?': 'integer',
      'full?': 'boolean',
      'search?': 'string',
    },
  },
  {
    method: 'POST',
    path: /^hog_functions$/,
    bodies: [{ ...changed, type: ['destination'], template_id: 'string' }],
  },
  { method: 'GET', path: /^hog_functions\/[\w-]+$/ },
  {
    method: 'PATCH',
    path: /^hog_functions\/[\w-]+$/,
    bodies: [{ ...changed, 'deleted?': 'boolean' }],
  },
];
