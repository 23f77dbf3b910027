import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AutoplaySessionMemory } from '../../nodes/AutoplaySessionMemory/AutoplaySessionMemory.node';
import { AutoplayStreamTrigger } from '../../nodes/AutoplayStreamTrigger/AutoplayStreamTrigger.node';
import { AutoplaySummarizeSession } from '../../nodes/AutoplaySummarizeSession/AutoplaySummarizeSession.node';
import { IntercomConversation } from '../../nodes/IntercomConversation/IntercomConversation.node';
import { IntercomConversationTrigger } from '../../nodes/IntercomConversationTrigger/IntercomConversationTrigger.node';
import { DEFAULT_SUMMARY_PROMPT } from '../../core/summary/prompt';

interface Node {
  name: string;
  type: string;
  typeVersion: number;
  parameters: Record<string, unknown>;
  credentials?: unknown;
  webhookId?: unknown;
}

const text = readFileSync(join(__dirname, '../../workflows/intercom.json'), 'utf8');
const { nodes } = JSON.parse(text) as { nodes: Node[] };
const ours = [
  new AutoplaySessionMemory(),
  new AutoplayStreamTrigger(),
  new AutoplaySummarizeSession(),
  new IntercomConversation(),
  new IntercomConversationTrigger(),
].map(({ description }) => description);

it('carries no credentials and no ids of anybody', () => {
  for (const node of nodes) {
    expect([node.name, node.credentials, node.webhookId]).toEqual([
      node.name,
      undefined,
      undefined,
    ]);
  }
});

it('sets only parameters that its nodes have', () => {
  for (const node of nodes.filter(({ type }) => type.startsWith('n8n-nodes-autoplay.'))) {
    const description = ours.find(({ name }) => node.type === `n8n-nodes-autoplay.${name}`);
    const known = description?.properties.map(({ name }) => name);
    expect([node.name, node.typeVersion]).toEqual([node.name, description?.version]);
    expect(known).toEqual(expect.arrayContaining(Object.keys(node.parameters)));
  }
});

it('shows the whole prompt, the one a fresh node has', () => {
  const summarize = nodes.find(({ type }) => type.endsWith('.autoplaySummarizeSession'));
  expect(summarize?.parameters).toMatchObject({ prompt: DEFAULT_SUMMARY_PROMPT, threshold: 20 });
});

it('every node can be found in the editor', () => {
  // n8n hides nodes of the category AI from the ordinary search.
  for (const { name } of ours) {
    const folder = name[0]!.toUpperCase() + name.slice(1);
    const file = join(__dirname, `../../nodes/${folder}/${folder}.node.json`);
    const codex = JSON.parse(readFileSync(file, 'utf8')) as { node: string; categories: string[] };
    expect(codex.node).toBe(`n8n-nodes-autoplay.${name}`);
    expect(codex.categories).not.toContain('AI');
  }
});
