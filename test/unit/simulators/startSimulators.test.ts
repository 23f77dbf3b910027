import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  demo,
  people,
  startSimulators,
  type SimulatorOptions,
  type Simulators,
} from '../../../simulators';
import { chatAs, continuityToken } from '../../../simulators/crisp';
import { createRandom } from '../../../simulators/random';
import { manualClock, until } from './support';

let folder: string;
let running: Simulators[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'simulators-'));
});
afterEach(async () => {
  await Promise.all(running.map((one) => one.stop()));
  running = [];
  await rm(folder, { recursive: true });
});

async function start(options: SimulatorOptions = {}): Promise<Simulators> {
  const started = await startSimulators({ lively: false, random: createRandom(1), ...options });
  running.push(started);
  return started;
}

describe('starting the simulators', () => {
  it('starts all of them with the demo’s tokens and people', async () => {
    const { urls } = await start();
    const bearer = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } });
    const stream = await fetch(urls.stream, bearer(demo.connectorToken));
    expect(stream.headers.get('content-type')).toContain('text/event-stream');
    expect((await fetch(`${urls.intercom}/me`, bearer(demo.intercomToken))).status).toBe(200);
    const { crispWebsiteId, crispTokenIdentifier, crispTokenKey } = demo;
    const token = Buffer.from(`${crispTokenIdentifier}:${crispTokenKey}`).toString('base64');
    const website = await fetch(`${urls.crisp}/website/${crispWebsiteId}`, {
      headers: { Authorization: `Basic ${token}`, 'X-Crisp-Tier': 'website' },
    });
    expect(website.status).toBe(200);
    expect((await fetch(`${urls.model}/models`, bearer(demo.modelKey))).status).toBe(200);
    const response = await fetch(`${urls.inbox}/api/people`);
    const ids = ((await response.json()) as { id: string }[]).map(({ id }) => id);
    expect(ids).toEqual(['70', '71', '72', '73', '74', '75']);
  });

  it('knows its people as contacts, each once', async () => {
    const { intercom } = await start();
    expect(intercom.snapshot().contacts).toHaveLength(6);
    intercom.visitorStarts({ external_id: '70', text: 'Hi' });
    expect(intercom.snapshot().contacts).toHaveLength(6);
  });

  it('lets a person chat in Crisp, in one conversation with their session', async () => {
    const { crisp, crowd } = await start();
    const person = people[0]!;
    const first = chatAs(crisp, crowd, person, 'Hi');
    expect(first.message).toMatchObject({ from: 'user', content: 'Hi' });
    expect(first.conversation.meta).toMatchObject({
      nickname: person.name,
      email: person.email,
      data: {
        posthog_session_id: crowd.visitor(person.id).sessionId,
        posthog_distinct_id: person.id,
      },
    });
    crowd.resume({ [person.id]: 'a-new-visit' });
    const second = chatAs(crisp, crowd, person, 'Me again');
    expect(second.conversation.session_id).toBe(first.conversation.session_id);
    expect(second.conversation.meta.data.posthog_session_id).toBe('a-new-visit');
    chatAs(crisp, crowd, people[1]!, 'Somebody else');
    expect(crisp.conversations()).toHaveLength(2);
  });

  it('lets both chat products know who is on which page, before anybody writes', async () => {
    const { crisp, crowd, intercom } = await start();
    const [{ id }] = people as [(typeof people)[0]];
    expect(crisp.sessions()).toEqual([]);
    crowd.act(id, [{ visit: 'pricing' }]);
    crowd.act(id, [{ visit: 'billing' }]);
    const [session, ...others] = crisp.sessions();
    expect(others).toEqual([]);
    expect(crisp.conversations()).toEqual([]);
    expect(session).toMatchObject({
      initiated: false,
      token: continuityToken(people[0]!),
      page: { title: expect.stringContaining('Billing') },
      meta: { data: { posthog_session_id: crowd.visitor(id).sessionId } },
    });
    expect(intercom.findContact({ external_id: id })!.last_seen_at).toEqual(expect.any(Number));
    chatAs(crisp, crowd, people[0]!, 'Hi');
    expect(crisp.conversations()).toEqual([session]);
  });

  it('lets Crisp know who leaves and comes back', async () => {
    const clock = manualClock();
    const { crisp, crowd } = await start({ clock, lively: true });
    const left = () => crisp.sessions().filter(({ presence }) => presence === 'gone');
    for (let minutes = 0; minutes < 60 && left().length === 0; minutes += 1) clock.advance(60_000);
    const [session] = left();
    const id = String(session!.meta.data.posthog_distinct_id);
    expect(crowd.isHere(id)).toBe(false);
    crowd.act(id, { count: 1 });
    expect(session!.presence).toBeUndefined();
  });

  it.each([
    ['connector', 'CONNECTOR_PORT'],
    ['intercom', 'INTERCOM_PORT'],
    ['crisp', 'CRISP_PORT'],
    ['model', 'MODEL_PORT'],
    ['inbox', 'INBOX_PORT'],
  ] as const)(
    'says which variable to set when the port of the %s is taken',
    async (name, variable) => {
      const { urls } = await start();
      const port = Number(new URL(urls.inbox).port);
      const attempt = startSimulators({ ports: { [name]: port } });
      await expect(attempt).rejects.toThrow(
        `port ${port} on 127.0.0.1 is already in use. Set ${variable} `,
      );
    },
  );

  it('has the same conversations and sessions after a restart', async () => {
    const stateFile = join(folder, 'new', 'state.json');
    const first = await start({ stateFile });
    const { id } = first.intercom.visitorStarts({ external_id: '70', text: 'Still there?' });
    const chat = chatAs(first.crisp, first.crowd, people[1]!, 'And you?').conversation;
    await first.stop();
    const second = await start({ stateFile });
    expect(second.intercom.conversation(id).source.body).toBe('<p>Still there?</p>');
    expect(second.crisp.conversation(chat.session_id)).toEqual(chat);
    expect(second.intercom.snapshot().contacts).toHaveLength(6);
    expect(second.crowd.sessions()).toEqual(first.crowd.sessions());
  });

  it('keeps the model calls behind answers over a restart', async () => {
    const stateFile = join(folder, 'state.json');
    const first = await start({ stateFile });
    const { session_id } = chatAs(first.crisp, first.crowd, people[1]!, 'Where am I?').conversation;
    const messages = [{ role: 'user', content: 'Where am I?' }];
    const asked = await fetch(`${first.urls.model}/chat/completions`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${demo.modelKey}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ model: demo.model, messages }),
    });
    const { choices } = (await asked.json()) as any;
    first.crisp.operatorWrites(session_id, choices[0].message.content);
    const told = async ({ urls }: Simulators): Promise<unknown> => {
      const response = await fetch(`${urls.inbox}/api/conversations/${session_id}`);
      return ((await response.json()) as any).entries.at(-1).call;
    };
    const known = await told(first);
    expect(known).toMatchObject({ messages: [{ role: 'user', text: 'Where am I?' }] });
    await first.stop();
    expect(await told(await start({ stateFile }))).toEqual(known);
  });

  it('saves within seconds of a change, and never writes half a file', async () => {
    const stateFile = join(folder, 'state.json');
    const clock = manualClock();
    const { intercom, crisp, crowd } = await start({ stateFile, clock });
    const written = async (words: string): Promise<void> => {
      clock.advance(3_000);
      let text = '';
      await until(() => {
        void readFile(stateFile, 'utf8').then(
          (found) => (text = found),
          () => undefined,
        );
        return text.includes(words);
      });
      expect(JSON.parse(text)).toMatchObject({ version: 1 });
    };
    intercom.visitorStarts({ external_id: '70', text: 'Saved in Intercom' });
    await written('Saved in Intercom');
    chatAs(crisp, crowd, people[0]!, 'Saved in Crisp');
    await written('Saved in Crisp');
    expect(await readdir(folder)).toEqual(['state.json']);
  });

  it('reads a state file without Crisp', async () => {
    const stateFile = join(folder, 'state.json');
    const first = await start({ stateFile });
    const { id } = first.intercom.visitorStarts({ external_id: '70', text: 'Long ago' });
    chatAs(first.crisp, first.crowd, people[0]!, 'Forgotten');
    await first.stop();
    const { crisp: _, ...old } = JSON.parse(await readFile(stateFile, 'utf8')) as object & {
      crisp: unknown;
    };
    await writeFile(stateFile, JSON.stringify(old));
    const { intercom, crisp } = await start({ stateFile });
    expect(intercom.conversation(id).source.body).toBe('<p>Long ago</p>');
    expect(crisp.conversations()).toEqual([]);
  });

  it('ignores a broken state file with a warning', async () => {
    const stateFile = join(folder, 'state.json');
    await writeFile(stateFile, '{"half":');
    const warnings: string[] = [];
    const { intercom } = await start({ stateFile, warn: (message) => warnings.push(message) });
    expect(intercom.conversations()).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining(stateFile)]);
  });
});
