import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IRun } from 'n8n-workflow';
import { startSimulators, type Simulators } from '../../simulators';
import type { WorkflowJson } from '../../tools/n8n';
import { releasedVersions } from '../../tools/release/released';
import { runWorkflow, type RunOptions } from '../support/runWorkflow';
import { simulatedCredentials } from '../support/simulated';
import { createFrames } from '../support/stage';

// How a wrong token shows, with n8n's own engine: in the workflow as it is shipped, and as it was saved before.

let simulators: Simulators;
beforeAll(async () => {
  simulators = await startSimulators({ lively: false });
});
afterAll(() => simulators.stop());

const shipped = JSON.parse(
  readFileSync(join(__dirname, '../../workflows/intercom.json'), 'utf8'),
) as WorkflowJson;
const workflows = [
  { version: 'the shipped workflow', json: shipped, red: 'Deliver Activity' },
  ...releasedVersions().map(({ version, workflows: { intercom } }) => ({
    version,
    json: intercom!,
    red: 'Show as Failed',
  })),
];

let executions = 0;
/** The node that failed, what it said, and how many items failed though the execution succeeded. */
async function outcome(run: Promise<IRun>) {
  const { error, lastNodeExecuted, metadata } = (await run).data.resultData;
  const said = [error?.message, error?.description].join(' ');
  return error ? { red: lastNodeExecuted, said } : { quiet: metadata?.autoplay_failed };
}

it.each(workflows)(
  '$version fails once for a wrong token, at $red',
  async ({ version, json, red }) => {
    const good = simulatedCredentials(simulators.urls);
    const bad = {
      ...good,
      intercomConversationApi: { ...good.intercomConversationApi, accessToken: 'wrong' },
    };
    const visitor = { sessionId: `s ${version}`, id: `u ${version}`, email: `${version}@x.com` };
    const frame = createFrames(visitor);
    const run = async (credentials: RunOptions['credentials'], start: string, item: object) =>
      await outcome(
        runWorkflow(
          { ...json, name: `failures ${version}` },
          {
            start,
            items: [item as RunOptions['items'][number]],
            credentials,
            executionId: String((executions += 1)),
          },
        ),
      );
    const act = async (credentials: RunOptions['credentials'], said: string) =>
      await run(credentials, 'Autoplay Stream', frame([said]));
    const { id: conversation_id } = simulators.intercom.visitorStarts({
      external_id: visitor.id,
      text: 'Hi',
    });
    await run(good, 'Autoplay Stream', frame(['came']));
    const message = { conversation_id, user_id: visitor.id, email: visitor.email };
    const first = await run(bad, 'When a Visitor Writes', message);
    expect(first).toMatchObject({ red });
    expect(first.said).toMatch(/Intercom refused.*Check Access Token and Region/s);
    expect(await act(bad, 'clicked')).toEqual({ quiet: '1' });
    expect(await act(bad, 'clicked again')).toEqual({ quiet: '1' });
    // Once the token is mended, everything is delivered; a new failure is shown.
    expect(await act(good, 'went on')).toEqual({ quiet: undefined });
    const told = simulators.intercom
      .conversation(conversation_id)
      .parts.flatMap(({ part_type, body }) => (part_type === 'note' ? String(body) : []));
    for (const said of ['came', 'clicked', 'clicked again', 'went on']) {
      expect(told.join()).toContain(said);
    }
    expect(await act(bad, 'left')).toMatchObject({ red });
  },
);
