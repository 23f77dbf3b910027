import type { Clock } from '../../../core/clock';
import { type Random, uuid } from '../../random';
import type { Project } from '../types';
import { invalid, notFound } from './errors';
import { type Filters, keptFilters } from './filters';
import { type Inputs, inputsSchema, keptInputs, shownInputs, TEMPLATE } from './template';

/** States by PostHog's watch over functions. */
export const STATE = {
  unknown: 0,
  healthy: 1,
  degraded: 2,
  disabled: 3,
  forciblyDegraded: 11,
  forciblyDisabled: 12,
} as const;

/** A function as it is stored. */
export interface StoredFunction {
  id: string;
  project: Project;
  type: string;
  name: string;
  description: string;
  enabled: boolean;
  deleted: boolean;
  /** Epoch milliseconds. */
  createdAt: number;
  updatedAt: number;
  createdBy: number;
  inputs: Inputs;
  filters: Filters;
  /** Whether its code and inputs are of a template that signs. They stay as they were when it was made. */
  signs: boolean;
  state: number;
  /** Lost deliveries, less those that arrived. */
  failures: number;
}

/** How a server of PostHog differs from the newest. */
export interface FunctionOptions {
  /** Whether the webhook template can sign. Default true; before August 2026 it could not. */
  signs?: boolean;
  /** Whether an organization lacks the add-on that older servers ask for. Default false. */
  lacksAddOn?: boolean;
}

type Body = Record<string, unknown>;

/** The hog functions of all projects. */
export function createFunctions(clock: Clock, random: Random, options: FunctionOptions) {
  const all = new Map<string, StoredFunction>();

  const of = (project: Project): StoredFunction[] =>
    [...all.values()].filter((one) => one.project === project);
  const find = (project: Project, id: string, deleted = false): StoredFunction => {
    const found = all.get(id);
    if (!found || found.project !== project || (found.deleted && !deleted)) throw notFound();
    return found;
  };

  return {
    of,
    /** The live ones of a project, the newest change first. */
    list: (project: Project, types: readonly string[]): StoredFunction[] =>
      of(project)
        .filter(({ deleted, type }) => !deleted && (types.length === 0 || types.includes(type)))
        .sort((a, b) => b.updatedAt - a.updatedAt),
    find,
    create(project: Project, body: Body, userId: number): StoredFunction {
      const { template_id } = body;
      if (template_id !== TEMPLATE) {
        throw invalid('template_id', `No template found for id '${String(template_id)}'`);
      }
      if (options.lacksAddOn) {
        throw invalid('template_id', 'The Data Pipelines addon is required for this template.');
      }
      const signs = options.signs ?? true;
      const now = clock.now();
      const made: StoredFunction = {
        id: uuid(random),
        project,
        type: textOf(body, 'type') ?? 'destination',
        name: textOf(body, 'name') ?? 'HTTP Webhook',
        description:
          textOf(body, 'description') ?? 'Sends a webhook templated by the incoming event data',
        enabled: booleanOf(body, 'enabled') ?? false,
        deleted: false,
        createdAt: now,
        updatedAt: now,
        createdBy: userId,
        inputs: keptInputs(body.inputs, inputsSchema(signs), {}),
        filters: keptFilters(body.filters),
        signs,
        state: STATE.unknown,
        failures: 0,
      };
      all.set(made.id, made);
      return made;
    },
    change(project: Project, id: string, body: Body): StoredFunction {
      const found = find(project, id, body.deleted === false);
      if (body.type !== undefined && body.type !== found.type) {
        throw invalid('type', 'Cannot modify the type of an existing function');
      }
      const { inputs, filters } = body;
      const changes = {
        name: textOf(body, 'name') ?? found.name,
        description: textOf(body, 'description') ?? found.description,
        enabled: booleanOf(body, 'enabled') ?? found.enabled,
        deleted: booleanOf(body, 'deleted') ?? found.deleted,
        ...(inputs !== undefined && {
          inputs: keptInputs(inputs, inputsSchema(found.signs), found.inputs),
        }),
        ...(filters !== undefined && { filters: keptFilters(filters) }),
      };
      Object.assign(found, changes, { updatedAt: clock.now() });
      // PostHog lets a function that its watch has disabled try again after each change that leaves it enabled.
      if (found.enabled && found.state === STATE.disabled) {
        Object.assign(found, { state: STATE.degraded, failures: 0 });
      }
      return found;
    },
  };
}

/** A function in a list. */
export function shortView(one: StoredFunction) {
  return {
    id: one.id,
    type: one.type,
    name: one.name,
    description: one.description,
    created_at: new Date(one.createdAt).toISOString(),
    created_by: { id: one.createdBy },
    updated_at: new Date(one.updatedAt).toISOString(),
    enabled: one.enabled,
    hog: 'let res := fetch(inputs.url, payload)',
    filters: one.filters,
    icon_url: '/static/posthog-icon.svg',
    template: { id: TEMPLATE, name: 'HTTP Webhook', free: false, status: 'stable' },
    status: { state: one.state, tokens: 10_000 },
    execution_order: null,
  };
}

/** A function by itself. */
export function fullView(one: StoredFunction) {
  const schema = inputsSchema(one.signs);
  return {
    ...shortView(one),
    bytecode: ['_H', 1],
    transpiled: null,
    inputs_schema: schema,
    inputs: shownInputs(one.inputs, schema),
    masking: null,
    mappings: null,
    version: 1,
    draft: null,
  };
}

function textOf(body: Body, field: string): string | undefined {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw invalid(field, 'Not a valid string.');
  return value;
}

function booleanOf(body: Body, field: string): boolean | undefined {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'boolean') throw invalid(field, 'Must be a valid boolean.');
  return value;
}
