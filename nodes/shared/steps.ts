import type { IExecuteFunctions, INodeParameters } from 'n8n-workflow';
import { productOf } from '../../core/memory/chatKey';
import type { Work } from '../../core/memory/types';
import { products } from '../../core/products';
import { perProcess } from './perProcess';

type Context = Pick<IExecuteFunctions, 'getChildNodes'>;
type Step = ReturnType<Context['getChildNodes']>[number];

/** The keys of the workspaces into which each workflow has delivered in this process. */
const workspacesOf = perProcess(() => new Set<string>());

/** Records into which workspace a workflow delivers, so that it is not given unfinished work of another workspace. */
export function deliversInto(workflow: string, key: string): void {
  if (productOf(key) !== key) workspacesOf(workflow).add(key);
}

/** Nodes that run steps of another workflow, which cannot be seen from here. */
const ELSEWHERE = new Set(['executeWorkflow', 'toolWorkflow']);

/**
 * Which unfinished work the steps after a node can do. Undefined if that cannot be determined, or if no node of this
 * package follows: other nodes may make use of any work.
 */
export function workAfter(context: Context, node: string, workflow = ''): Work | undefined {
  const chats = new Set<string>();
  let summaries = false;
  for (const step of context.getChildNodes(node, { includeNodeParameters: true })) {
    if (step.disabled) continue;
    const type = step.type.split('.').at(-1) ?? '';
    if (ELSEWHERE.has(type)) return undefined;
    if (type === 'autoplaySummarizeSession') summaries = true;
    const chat = chatOf(type, step);
    if (chat?.startsWith('=')) return undefined;
    if (chat) chats.add(chat);
  }
  if (chats.size === 0 && !summaries) return undefined;
  const keys = [...workspacesOf(workflow)];
  const reached = [...chats].flatMap((product) => {
    const own = keys.filter((key) => productOf(key) === product);
    return own.length > 0 ? own : [product];
  });
  return { chats: reached, summaries };
}

/** The type of the step that detects moments. */
const DETECTOR = 'autoplayDetectMoments';

/** The name of a detector in the memory. */
export function detectorOf(workflow: string | undefined, node: string): string {
  return `${workflow ?? 'unsaved'} ${node}`;
}

/** The detectors after a node; undefined if some may be in another workflow, which cannot be seen from here. */
export function detectorsAfter(
  context: Context,
  node: string,
  workflow: string | undefined,
): string[] | undefined {
  const steps = context.getChildNodes(node).filter(({ disabled }) => !disabled);
  const typeOf = ({ type }: Step) => type.split('.').at(-1) ?? '';
  if (steps.some((step) => ELSEWHERE.has(typeOf(step)))) return undefined;
  return steps
    .filter((step) => typeOf(step) === DETECTOR)
    .map(({ name }) => detectorOf(workflow, name));
}

/** The chat product that a step delivers into, if any; an expression is returned unevaluated. */
function chatOf(type: string, { parameters = {} }: Step): string | undefined {
  const product = products.find(({ node }) => node.type === type);
  if (product) {
    const resource = text(parameters, 'resource') ?? product.node.resource;
    return resource === 'activity' || resource.startsWith('=') ? product.chat : undefined;
  }
  if (type !== 'autoplaySessionMemory') return undefined;
  const operation = text(parameters, 'operation') ?? 'remember';
  if (operation !== 'claimActivity' && !operation.startsWith('=')) return undefined;
  const chat = text(parameters, 'chat') ?? 'intercom';
  return chat === 'other' ? text(parameters, 'chatName')?.trim().toLowerCase() : chat;
}

function text(parameters: INodeParameters, name: string): string | undefined {
  const value = parameters[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
