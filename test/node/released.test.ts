import { NodeHelpers, type INode, type IRun } from 'n8n-workflow';
import { demo, startSimulators, type Simulators } from '../../simulators';
import { breaches, differences } from '../../tools/release/breaches';
import { parametersOf } from '../../tools/release/contract';
import { loadPackage } from '../../tools/loadPackage';
import { releasedVersions } from '../../tools/release/released';
import { ownNodeOf, TOOL_FIELDS } from '../support/ownNodes';
import { runWorkflow, type RunOptions } from '../support/runWorkflow';
import { createFrames } from '../support/stage';
import { plainText } from '../support/world';

// What was saved with any released version goes on to mean the same: parameters, credentials and connections keep
// their names, a node's older versions are still offered, and the workflows of that time run.

let simulators: Simulators;
let credentials: RunOptions['credentials'];
beforeAll(async () => {
  simulators = await startSimulators({ lively: false });
  const { urls } = simulators;
  credentials = {
    intercomConversationApi: {
      accessToken: demo.intercomToken,
      region: 'custom',
      baseUrl: urls.intercom,
    },
    crispConversationApi: {
      websiteId: demo.crispWebsiteId,
      tokenIdentifier: demo.crispTokenIdentifier,
      tokenKey: demo.crispTokenKey,
      tier: 'website',
      baseUrl: urls.crisp,
    },
    openAiApi: { apiKey: demo.modelKey, url: urls.model },
  };
});
afterAll(() => simulators.stop());

const loaded = loadPackage();

describe.each(releasedVersions())(
  'what was saved with $version',
  ({ contract, workflows, version }) => {
    it('keeps its meaning', () => {
      expect(Object.keys(contract.nodes).length).toBeGreaterThanOrEqual(8);
      expect(breaches(contract, loaded)).toEqual([]);
    });

    it('is accepted by the nodes of the shipped workflows', () => {
      const ours = Object.entries(workflows).flatMap(([, { nodes }]) =>
        nodes.flatMap((node) => {
          const own = ownNodeOf(node.type);
          return own ? { node, ...own } : [];
        }),
      );
      expect(ours.length).toBeGreaterThan(15);
      for (const { node, name, isTool } of ours) {
        const { typeVersion, parameters: saved } = node as unknown as INode;
        const added = isTool ? TOOL_FIELDS : [];
        const parameters = Object.fromEntries(
          Object.entries(saved).filter(([field]) => !added.includes(field)),
        );
        const description = loaded.nodes[name]?.find((one) =>
          [one.version].flat().includes(typeVersion),
        );
        const filled = parametersOf(description!, typeVersion, parameters);
        expect([node.name, differences(parameters, filled)]).toEqual([node.name, []]);
        const issues = NodeHelpers.getNodeParametersIssues(
          description!.properties,
          { ...node, parameters } as unknown as INode,
          description!,
        );
        expect([node.name, issues]).toEqual([node.name, null]);
      }
    });

    const person = { id: `person-${version}`, email: 'p@example.com' };

    it('tells Intercom what the visitor does, and sums it up', async () => {
      const { intercom } = simulators;
      const { intercom: workflow } = workflows;
      const visitor = { ...person, sessionId: `intercom-${version}` };
      const run = async (start: string, ...items: RunOptions['items']) =>
        succeeded(await runWorkflow(workflow!, { start, items, credentials }));
      const frame = createFrames(visitor);
      const { id: conversation_id } = intercom.visitorStarts({
        external_id: person.id,
        text: 'Hi',
      });
      const notes = () =>
        intercom
          .conversation(conversation_id)
          .parts.filter(({ part_type, redacted }) => part_type === 'note' && !redacted)
          .map(({ body }) => plainText(body ?? ''));

      await run('Autoplay Stream', frame(['came']));
      expect(notes()).toEqual([]);
      await run('When a Visitor Writes', {
        conversation_id,
        user_id: person.id,
        email: person.email,
      });
      expect(notes()).toEqual([expect.stringMatching(/^session_id: .*\n.*\n\n\[1\] came$/)]);
      await run('Autoplay Stream', frame(Array.from({ length: 19 }, (_, i) => `action ${i}`)));
      expect(notes()).toEqual([expect.not.stringContaining('[1]')]);
    });

    it('answers in Crisp with what the visitor did', async () => {
      const { crisp } = simulators;
      const visitor = { ...person, sessionId: `crisp-${version}` };
      const { session_id: conversation_id } = crisp.visitorOpens({
        nickname: 'Visitor',
        data: { posthog_session_id: visitor.sessionId },
      });
      let shown: unknown;
      const options = {
        credentials,
        others: {
          Answer: ({ activity }: { activity?: unknown }) => {
            shown = activity;
            return { output: 'An answer' };
          },
        },
      };
      const run = async (start: string, item: RunOptions['items'][number]) =>
        succeeded(await runWorkflow(workflows.crisp!, { start, items: [item], ...options }));

      await run(
        'Autoplay Stream',
        createFrames(visitor)(['looked for help', 2, 3, 4, 5].map(String)),
      );
      await run('When a Visitor Writes', { conversation_id, text: 'Hello?' });
      expect(shown).toContain('looked for help');
      const replies = crisp
        .conversation(conversation_id)
        .messages.filter(({ from, type }) => from === 'operator' && type === 'text');
      expect(replies.map(({ content }) => content)).toEqual(['An answer']);
    });
  },
);

function succeeded({ status, data }: IRun): void {
  const failed = Object.entries(data.resultData.runData).flatMap(([name, runs]) =>
    runs.flatMap(({ error }) => (error ? [`${name}: ${error.message}`] : [])),
  );
  expect([status, failed, data.resultData.error?.message]).toEqual(['success', [], undefined]);
}
