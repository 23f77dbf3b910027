import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Answer } from '../../core/agents/answer';
import { demo } from '../../simulators';
import type { Workflow, WorkflowJson } from '../../tools/n8n';
import { call, signed, token } from './agents';
import { eventually } from './eventually';
import { createFrames, storeAsCredentialSays, type Stage } from './stage';

/** The shipped workflows that answer agents, by their files' names, with the trigger that answers. */
export const ANSWERING = {
  fin: 'When Fin Asks',
  hugo: 'When Hugo Asks',
  'team-agent': 'When an Agent Asks',
} as const;
export type Answering = keyof typeof ANSWERING;

/** The workflows that answer agents, published on a stage. Fin's also starts with each question. */
export async function createContextWorld(stage: Stage) {
  const { rest, credentials, connector, crisp } = stage;
  const workflows = {} as Record<Answering, Workflow>;
  const urls = {} as Record<Answering, string>;
  const before = connector.stats(demo.productId).subscribers;
  for (const name of Object.keys(ANSWERING) as Answering[]) {
    const file = join(__dirname, `../../workflows/${name}.json`);
    const json = JSON.parse(readFileSync(file, 'utf8')) as WorkflowJson;
    json.settings = { ...json.settings, saveDataSuccessExecution: 'all' };
    delete json.pinData;
    if (credentials.autoplayMemoryApi) storeAsCredentialSays(json);
    if (name === 'fin') parametersOf(json, ANSWERING.fin).startWorkflow = true;
    workflows[name] = await rest.importWorkflow(json, { credentials });
    await rest.publish(workflows[name].id);
    urls[name] = await rest.webhookUrl(workflows[name], ANSWERING[name]);
  }
  crisp.hooks.subscribe({
    kind: 'website',
    url: `${await rest.webhookUrl(workflows.hugo, 'When a Visitor Writes')}?key=${encodeURIComponent(demo.crispHookKey)}`,
    events: ['message:send'],
  });
  await eventually(() => connector.stats(demo.productId).subscribers >= before + 3);

  return {
    workflows,
    urls,
    /** The stream brings what somebody does, who is known by their name. */
    act(name: string, ...described: string[]) {
      const visitor = { sessionId: `s-${name}`, id: name, email: `${name}@example.com` };
      connector.send(demo.productId, createFrames(visitor)(described));
    },
    /** Asks as Fin. */
    async fin(bearer: string, init: RequestInit = {}, query = '') {
      const headers = { Authorization: `Bearer ${bearer}`, 'Content-Type': 'application/json' };
      const response = await fetch(`${urls.fin}${query}`, { method: 'POST', headers, ...init });
      return { status: response.status, json: (await response.json()) as Answer };
    },
    /** Asks as Hugo in a conversation. */
    async hugo(session: string): Promise<Answer> {
      const { headers, rawBody } = signed(call(), {
        session,
        now: Date.now(),
        secret: demo.hugoSecret,
        website: demo.crispWebsiteId,
        headers: { authorization: `Bearer ${demo.contextToken}` },
      });
      const response = await fetch(urls.hugo, {
        method: 'POST',
        headers: { ...(headers as Record<string, string>), 'Content-Type': 'application/json' },
        body: new Uint8Array(rawBody),
      });
      expect(response.status).toBe(200);
      const { result } = (await response.json()) as { result: { content: [{ text: string }] } };
      return JSON.parse(result.content[0].text) as Answer;
    },
  };
}

export type ContextWorld = Awaited<ReturnType<typeof createContextWorld>>;

function parametersOf({ nodes }: WorkflowJson, name: string): Record<string, unknown> {
  return nodes.find((one) => one.name === name)!.parameters;
}

/** A token that the site signs for a user. */
export const userToken = (user_id: string) =>
  token({ user_id, exp: Date.now() / 1_000 + 600 }, demo.userTokenSecret);
