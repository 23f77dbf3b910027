import type { IExecuteFunctions, INodeParameters } from 'n8n-workflow';
import { productOf } from '../../core/memory/chatKey';
import type { Work } from '../../core/memory/types';

type Context = Pick<IExecuteFunctions, 'getChildNodes'>;
type Step = ReturnType<Context['getChildNodes']>[number];

/** Nodes whose Activity delivers, with the resource that they have by default. */
const DELIVERS: Record<string, { chat: string; byDefault: string }> = {
  intercomConversation: { chat: 'intercom', byDefault: 'activity' },
  crispConversation: { chat: 'crisp', byDefault: 'message' },
};

/** The keys of workspaces that each workflow's steps deliver into, as far as they have shown in this process. */
const workspaces = new Map<string, Set<string>>();

/** Notes into which workspace a workflow delivers, so that it is not given what is left to do in another. */
export function deliversInto(workflow: string, key: string): void {
  if (productOf(key) === key) return;
  const known = workspaces.get(workflow) ?? new Set();
  workspaces.set(workflow, known.add(key));
}

/** Steps in another workflow, about which nothing can be said from here. */
const ELSEWHERE = new Set(['executeWorkflow', 'toolWorkflow']);

/**
 * What the steps after a node have to do for sessions that were left unfinished. Undefined where that cannot be
 * told, or where no step of ours follows: others may make something of whatever it is.
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
  const keys = [...(workspaces.get(workflow) ?? [])];
  const reached = [...chats].flatMap((product) => {
    const own = keys.filter((key) => productOf(key) === product);
    return own.length > 0 ? own : [product];
  });
  return { chats: reached, summaries };
}

/** The chat product that a step delivers to, if any; an expression as it stands. */
function chatOf(type: string, { parameters = {} }: Step): string | undefined {
  const delivers = Object.hasOwn(DELIVERS, type) ? DELIVERS[type] : undefined;
  if (delivers) {
    const resource = text(parameters, 'resource') ?? delivers.byDefault;
    return resource === 'activity' || resource.startsWith('=') ? delivers.chat : undefined;
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
