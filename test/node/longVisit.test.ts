import type { IDataObject } from 'n8n-workflow';
import { startSimulators, type Simulators } from '../../simulators';
import { linesOf } from '../support/conversation';
import { runWorkflow } from '../support/runWorkflow';
import { simulatedCredentials } from '../support/simulated';
import { createFrames } from '../support/stage';
import { plainText } from '../support/world';
import intercom from '../../workflows/intercom.json';

// What the team reads first of a visitor who did much before they wrote, with the shipped workflow and n8n's own engine.

let simulators: Simulators;
beforeAll(async () => {
  simulators = await startSimulators({ lively: false });
});
afterAll(() => simulators.stop());

const run = async (start: string, item: IDataObject) => {
  const credentials = simulatedCredentials(simulators.urls);
  const { data } = await runWorkflow(intercom, { start, items: [item], credentials });
  return data.resultData.error;
};

/** A visitor who has done this many things, and then writes; what the conversation's notes say. */
async function visit(id: string, count: number) {
  const visitor = { id, sessionId: `session of ${id}`, email: `${id}@example.com` };
  const done = Array.from({ length: count }, (_, i) => `action ${i + 1}`);
  await run('Autoplay Stream', createFrames(visitor)(done));
  const { id: conversation_id } = simulators.intercom.visitorStarts({
    external_id: id,
    text: 'Hi',
  });
  const error = await run('When a Visitor Writes', {
    conversation_id,
    user_id: id,
    event: 'message',
  });
  const notes = simulators.intercom
    .conversation(conversation_id)
    .parts.map(({ body, redacted }) => [redacted, plainText(body)] as const);
  return { error, notes };
}

it('the summary of a long visit stands first, and the latest actions below it', async () => {
  const { error, notes } = await visit('long', 30);
  expect(error).toBeUndefined();
  expect(notes.map(([redacted]) => redacted)).toEqual([false, false]);
  expect(notes[0]![1]).toContain('has taken 30 actions');
  expect(linesOf(notes[1]![1])).toEqual([26, 27, 28, 29, 30].map((n) => `action ${n}`));
  expect(simulators.model.requests).toHaveLength(1);
  const [{ prompt }] = simulators.model.requests as [(typeof simulators.model.requests)[0]];
  expect(prompt.messages.at(-1)?.text).toContain('You write notes for a support team');
});

it('without a model the latest actions come all the same', async () => {
  simulators.model.behave({ mode: 'status', status: 401 });
  const { notes } = await visit('unlucky', 30);
  expect(notes).toHaveLength(1);
  expect(linesOf(notes[0]![1]).at(-1)).toBe('action 30');
});
