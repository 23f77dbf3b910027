import type { Clock } from '../../core/clock';
import { whileItExists, type Destination } from '../../core/delivery/destination';
import { createPace } from '../../core/http/pace';
import { createService, type Send, type ServiceRequest } from '../../core/http/service';
import type { ChatProduct } from '../../core/products';

// A made-up chat product: as much as a third one has to bring besides its nodes. A note's id is chosen by its sender.

export const parrot: ChatProduct = {
  chat: 'parrot',
  name: 'Parrot',
  trigger: 'parrotConversationTrigger',
  node: { type: 'parrotConversation', resource: 'activity' },
  workspaceField: 'aviary_id',
  owns: (conversationId) => /^perch-\d+$/.test(conversationId),
  goneCodes: ['no_such_perch'],
  advice: { 403: 'Allow the token to write notes.' },
};

export function createParrotDestination(send: Send, clock: Clock): Destination {
  const { chat, name, goneCodes } = parrot;
  const pace = createPace({ clock, maxConcurrent: 5 });
  const readError = (body: unknown) => ({ code: String(body), message: `said ${String(body)}` });
  const service = createService({ name, send, pace, clock, random: () => 0.5, readError });
  const isAnswer = (body: unknown) => Array.isArray(body);
  const call = (
    conversationId: string,
    method: ServiceRequest['method'],
    options: { body?: unknown; beforeSending?: (() => Promise<void>) | undefined } = {},
  ) =>
    whileItExists(conversationId, goneCodes, async () => {
      const { body, beforeSending } = options;
      const request = { method, url: `https://parrot.example/${conversationId}`, body };
      const repeatable = method !== 'POST';
      return (await service.call(request, { repeatable, beforeSending, isAnswer })) as string[];
    });
  const idOf = ({ since, text }: { since: number; text: string }) => `${since} ${text}`;
  return {
    chat,
    async find(note) {
      const ids = await call(note.conversationId, 'GET');
      return ids.find((id) => id === idOf(note));
    },
    async post(note, beforeSending) {
      await call(note.conversationId, 'POST', { body: idOf(note), beforeSending });
      return idOf(note);
    },
    async redact(conversationId, noteId) {
      await call(conversationId, 'DELETE', { body: noteId });
      return true;
    },
  };
}

/** Parrot's server, in memory: the notes of each conversation, and what goes wrong with the next requests. */
export function createParrotServer() {
  const notes = new Map<string, string[]>();
  const troubles: Array<'answer lost' | 'forbidden'> = [];
  const send: Send = async ({ method, url, body }) => {
    const conversationId = url.slice('https://parrot.example/'.length);
    const all = notes.get(conversationId);
    const trouble = troubles.shift();
    if (trouble === 'forbidden') return { status: 403, headers: {}, body: 'not_allowed' };
    if (!all) return { status: 404, headers: {}, body: 'no_such_perch' };
    if (method === 'POST') all.push(String(body));
    if (method === 'DELETE') all.splice(all.indexOf(String(body)), 1);
    if (trouble === 'answer lost') throw new Error('connection reset');
    return { status: 200, headers: {}, body: [...all] };
  };
  return { notes, troubles, send };
}
