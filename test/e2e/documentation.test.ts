import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { demo } from '../../simulators';
import { outputOf, type WorkflowJson } from '../../tools/n8n';
import { createChains } from '../support/chains';
import { differences, documentedFields, NO_DIFFERENCES } from '../support/documented';
import { eventually, pause } from '../support/eventually';
import { createFrames, createStage, type Stage } from '../support/stage';

const BASIC = { user: 'team', password: 'a long password' };
const read = (recipe: string) =>
  JSON.parse(
    readFileSync(join(__dirname, `../../docs/recipes/${recipe}.json`), 'utf8'),
  ) as WorkflowJson;

/** What becomes of a POST, instead of being done and answered. */
type Fate = 'refused' | 'answer lost' | 'look fails';

/** Somebody else's API: answers each POST, and keeps what came; what is asked for is the same as with Chatwoot. */
async function startApi() {
  const posts: Array<{ path: string; token: string | undefined; body: any }> = [];
  const looks: string[] = [];
  const fates: Array<{ path: string; fate: Fate }> = [];
  const messagesAt = (path: string) =>
    posts.flatMap((post, i) => (post.path === path ? { id: i + 1, ...post.body } : []));
  const server: Server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => (text += chunk));
    request.on('end', () => {
      const token = request.headers['api_access_token'] as string | undefined;
      const path = request.url ?? '';
      const answer = (status: number, body: object) =>
        response
          .writeHead(status, { 'Content-Type': 'application/json' })
          .end(JSON.stringify(body));
      const isLook = request.method === 'GET';
      const at = fates.findIndex(
        (one) => path.includes(one.path) && (one.fate === 'look fails') === isLook,
      );
      const fate = at < 0 ? undefined : fates.splice(at, 1)[0]!.fate;
      if (isLook) {
        looks.push(path);
        if (fate) {
          answer(500, { error: 'look again later' });
          return;
        }
        answer(200, { meta: {}, payload: messagesAt(path) });
        return;
      }
      if (fate === 'refused') {
        answer(422, { error: 'refused' });
        return;
      }
      posts.push({ path, token, body: JSON.parse(text) });
      if (fate === 'answer lost') request.socket.destroy();
      else answer(200, { id: posts.length });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { posts, looks, fates, url: `http://127.0.0.1:${port}`, stop: () => void server.close() };
}

let stage: Stage;
let api: Awaited<ReturnType<typeof startApi>>;
let chatwootUrl: string;
let formUrl: string;
let formWorkflow: string;
beforeAll(async () => {
  api = await startApi();
  stage = await createStage([]);
  const { rest } = stage;
  const httpHeaderAuth = await rest.upsertCredential('httpHeaderAuth', 'chatwoot', {
    name: 'api_access_token',
    value: 'token of chatwoot',
  });
  const httpBasicAuth = await rest.upsertCredential('httpBasicAuth', 'form', BASIC);
  const credentials = { ...stage.credentials, httpBasicAuth };
  const publish = async (json: WorkflowJson) => {
    for (const node of json.nodes) {
      const { url, genericAuthType } = node.parameters;
      // What a user has to set: whose API it is, and the credential for it.
      if (url) node.parameters.url = String(url).replace(/https:\/\/[^/]+/, api.url);
      if (genericAuthType === 'httpHeaderAuth') node.credentials = { httpHeaderAuth };
    }
    const workflow = await rest.importWorkflow(json, { credentials });
    await rest.publish(workflow.id);
    return workflow;
  };
  // As the editor does when a file is imported into a workflow that has nodes already.
  const [chatwoot, lookUp] = [read('chatwoot'), read('look-up')];
  const both = await publish({
    ...chatwoot,
    nodes: [...chatwoot.nodes, ...lookUp.nodes],
    connections: { ...chatwoot.connections, ...lookUp.connections },
  });
  await publish(read('alert'));
  chatwootUrl = await rest.webhookUrl(both, 'When a Visitor Writes');
  formWorkflow = both.id;
  const form = both.nodes.find(({ name }) => name === 'Look-Up Form')!;
  formUrl = `${rest.baseUrl}/form/${form.webhookId}`;
  await eventually(() => stage.connector.stats(demo.productId).subscribers === 2);
});
afterAll(async () => {
  await stage?.stop();
  api?.stop();
});

let visitors = 0;
function newVisitor() {
  const number = ++visitors;
  const identity = {
    sessionId: `session-${number}`,
    id: `user-${number}`,
    email: `visitor${number}@example.com`,
  };
  const frame = createFrames(identity);
  const messages = `/conversations/${100 + number}/messages`;
  return {
    ...identity,
    conversation: 100 + number,
    act: (...described: string[]) => void stage.connector.send(demo.productId, frame(described)),
    /** What Chatwoot's webhook says when the visitor writes. */
    async writes(fields: object = {}) {
      const sender = { id: 7, identifier: identity.id, email: identity.email, type: 'contact' };
      const conversation = { id: 100 + number, meta: { sender, hmac_verified: true } };
      const body = { event: 'message_created', message_type: 'incoming', id: 1, content: 'Hi' };
      const deliver = async () =>
        await fetch(chatwootUrl, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify({ ...body, conversation, ...fields }),
        });
      // A busy n8n answers some webhooks with 500 before any step of the workflow runs.
      await eventually(async () => (await deliver()).ok);
    },
    notes: () => api.posts.filter(({ path }) => path.includes(messages)),
    looks: () => api.looks.filter((path) => path.includes(messages)).length,
    /** The next note in this conversation. */
    suffers: (fate: Fate) => void api.fates.push({ path: messages, fate }),
  };
}

describe('another chat product: Chatwoot', () => {
  const said = ({ body }: { body: any }) => String(body.content);

  it('tells what was done before and after the visitor wrote, each action once', async () => {
    const visitor = newVisitor();
    visitor.act('looked at pricing');
    await visitor.writes();
    await eventually(() => visitor.notes().length === 1);
    visitor.act('clicked *Buy* & <b>paid</b>');
    await eventually(() => visitor.notes().length === 2);
    const [first, second] = visitor.notes();
    expect(first).toMatchObject({
      path: `/api/v1/accounts/1/conversations/${visitor.conversation}/messages`,
      token: 'token of chatwoot',
      body: { message_type: 'outgoing', private: true },
    });
    expect(said(first!)).toContain('looked at pricing');
    expect(said(second!)).not.toContain('looked at pricing');
    // Chatwoot shows Markdown; what pages say must not become any.
    expect(said(second!)).toContain('clicked \\*Buy\\* & \\<b\\>paid\\</b\\>');
  });

  it('waits for the first action of a visitor who wrote before it', async () => {
    const visitor = newVisitor();
    await visitor.writes();
    visitor.act('opened the help page');
    await eventually(() => visitor.notes().length === 1);
    expect(said(visitor.notes()[0]!)).toContain('opened the help page');
  });

  it('is not started by what the team writes, and tells nothing of visitors who do not', async () => {
    const silent = newVisitor();
    const other = newVisitor();
    silent.act('did something');
    await silent.writes({ message_type: 'outgoing' });
    other.act('did something else');
    await other.writes();
    await eventually(() => other.notes().length === 1);
    expect(silent.notes()).toEqual([]);
  });

  const failures = async () =>
    (await stage.rest.executions({ workflowId: formWorkflow, status: ['error'] })).length;

  /** Each of two actions is in a note of its own. */
  const expectBothOnce = (visitor: ReturnType<typeof newVisitor>) => {
    const [first, second] = visitor.notes().map(said);
    expect(first).toContain('looked at pricing');
    expect(second).toContain('clicked Buy');
    expect(second).not.toContain('looked at pricing');
  };

  it('tells later what Chatwoot refused, and shows that it did', async () => {
    const visitor = newVisitor();
    const before = await failures();
    visitor.act('looked at pricing');
    visitor.suffers('refused');
    await visitor.writes();
    // Nobody acts meanwhile: what failed comes back by itself.
    await eventually(() => visitor.notes().length === 1);
    visitor.act('clicked Buy');
    await eventually(() => visitor.notes().length === 2);
    expectBothOnce(visitor);
    expect(visitor.looks()).toBe(0);
    expect(await failures()).toBe(before + 1);
  });

  it('looks for a note whose answer was lost, and posts it no second time', async () => {
    const visitor = newVisitor();
    visitor.act('looked at pricing');
    visitor.suffers('answer lost');
    await visitor.writes();
    await eventually(() => visitor.looks() === 1);
    visitor.act('clicked Buy');
    await eventually(() => visitor.notes().length === 2);
    expectBothOnce(visitor);
    expect(visitor.looks()).toBe(1);
  });
});

describe('a note that cannot be looked for', () => {
  /** The notes that were posted in executions in which a look failed. */
  const postedBesideFailedLooks = async () => {
    const failed = await stage.rest.executions({ workflowId: formWorkflow, status: ['error'] });
    const all = await Promise.all(failed.map(({ id }) => stage.rest.execution(id)));
    return all
      .filter((execution) => 'Look for Note' in execution.data.resultData.runData)
      .flatMap((execution) => outputOf(execution, 'Post Note') ?? []);
  };

  it('keeps no other session of the execution from being told', async () => {
    const lost = newVisitor();
    lost.act('looked at pricing');
    lost.suffers('answer lost');
    for (let looks = 0; looks < 20; looks += 1) lost.suffers('look fails');
    await lost.writes();
    await eventually(() => lost.notes().length === 1);
    const others = [newVisitor(), newVisitor()];
    for (const other of others) await other.writes();
    // Again and again, until both come into one execution with the note that is looked for.
    await eventually(async () => {
      lost.act('clicked Buy');
      for (const other of others) other.act('clicked Sell');
      await pause(1_000);
      return (await postedBesideFailedLooks()).length > 0;
    });
  });
});

describe('a customer who is looked up', () => {
  const headers = {
    Authorization: `Basic ${Buffer.from(`${BASIC.user}:${BASIC.password}`).toString('base64')}`,
  };
  const lookUp = async (...fields: string[]) => {
    const waiting = async () =>
      await stage.rest.executions({ workflowId: formWorkflow, status: ['waiting'] });
    // An earlier one may still be about to end, now that its page was looked at.
    const before = (await waiting()).map(({ id }) => id);
    const body = new FormData();
    fields.forEach((value, i) => body.append(`field-${i}`, value));
    const response = await fetch(formUrl, { method: 'POST', headers, body });
    const { formWaitingUrl } = (await response.json()) as { formWaitingUrl: string };
    // The page is there once the execution waits for somebody to look at it.
    await eventually(async () => (await waiting()).some(({ id }) => !before.includes(id)));
    return await (await fetch(formWaitingUrl, { headers })).text();
  };

  it('is shown by email or user id, with what they did as text', async () => {
    expect((await fetch(formUrl)).status).toBe(401);
    const visitor = newVisitor();
    visitor.act('saw <i>this</i>', 'clicked that');
    await visitor.writes();
    await eventually(() => visitor.notes().length === 1);
    for (const names of [
      [visitor.email, ''],
      ['', visitor.id],
    ]) {
      const page = await lookUp(...names);
      expect(page).toContain('Last seen 2');
      expect(page).toContain('saw &lt;i&gt;this&lt;/i&gt;');
      expect(page).toContain('clicked that');
    }
    expect(await lookUp('nobody@example.com', '')).toContain('Nobody by that name has been seen');
  });
});

describe('somebody who is stuck', () => {
  const alertsAbout = ({ email }: { email: string }) =>
    api.posts.filter(
      ({ path, body }) => path.startsWith('/services/') && body.text.includes(email),
    );

  it('is told of once, and nobody else is', async () => {
    const [fine, stuck, trying] = [newVisitor(), newVisitor(), newVisitor()];
    fine.act('looked around', 'tried it', 'tried it');
    stuck.act('saw the message Export failed & <nothing>');
    await eventually(() => alertsAbout(stuck).length === 1);
    stuck.act('saw the message Export failed again');
    trying.act('clicked Save', 'clicked Save', 'clicked Save');
    await eventually(() => alertsAbout(trying).length === 1);
    expect(alertsAbout(stuck)[0]!.body.text).toContain('Export failed &amp; &lt;nothing&gt;');
    expect(alertsAbout(stuck)).toHaveLength(1);
    expect(alertsAbout(fine)).toEqual([]);
  });
});

describe('the fields that come out, as docs/nodes says', () => {
  const memoryOf = { memoryScope: 'named', memoryName: 'documented' };
  const ids = { product_id: 'p', session_id: 's' };
  const node = (type: string, parameters: object) => ({
    type: `n8n-nodes-autoplay.${type}`,
    parameters,
  });
  /** Runs one node; what its page says of the item that comes out. */
  async function compare(type: string, heading: string, parameters: object, item: object) {
    const { chain } = createChains(stage);
    const page = type.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const run = await chain(node(type, parameters));
    const [out] = await run(item);
    const found = differences(out, documentedFields(page, heading), item);
    expect({ heading, ...found }).toEqual({ heading, ...NO_DIFFERENCES });
    return out;
  }

  it('of Session Memory and Summarize Session', async () => {
    const memory = async (heading: string, item: object, parameters: object = {}) =>
      await compare(
        'autoplaySessionMemory',
        heading,
        { operation: heading.toLowerCase(), ...memoryOf, ...parameters },
        item,
      );
    const frame = { type: 'actions', ...ids, actions: [{ description: 'came' }] };
    const { chain } = createChains(stage);
    const remember = await chain(
      node('autoplaySessionMemory', { operation: 'remember', ...memoryOf }),
    );
    const [remembered] = await remember(frame);
    const fields = [
      ...documentedFields('autoplay-stream-trigger', 'What comes out'),
      ...documentedFields('autoplay-session-memory', 'Remember'),
    ];
    expect(differences(remembered, fields)).toEqual(NO_DIFFERENCES);
    await memory('Link', { conversation_id: '1', session_id: 's' });
    await memory('Recall', { conversation_id: '1' });
    await memory('List Sessions', {}, { operation: 'listSessions', listed: 'linked' });
    await memory('Status', {});
    const claimed = async () => await memory('Claim Activity', ids, { operation: 'claimActivity' });
    const claim = '={{ $json.claim }}';
    const refused = { operation: 'markNotDelivered', outcome: 'refused', claim };
    await memory('Mark as Not Delivered', await claimed(), refused);
    await memory('Mark as Delivered', await claimed(), { operation: 'markDelivered', claim });
    await compare(
      'autoplaySummarizeSession',
      'What comes out',
      { threshold: 1, sessions: 'all', ...memoryOf },
      ids,
    );
    await memory('Forget', ids, { forgetBy: 'several' });
  });

  it.each(['intercom', 'crisp'] as const)('of %s Conversation', async (chat) => {
    const type = `${chat}Conversation`;
    const id =
      chat === 'intercom'
        ? stage.intercom.visitorStarts({ external_id: 'd', text: 'Hi' }).id
        : stage.crisp.visitorOpens({ nickname: 'Ada' }).session_id;
    const session = { product_id: 'p', session_id: chat };
    const { chain } = createChains(stage);
    const prepare = await chain(
      node('autoplaySessionMemory', { operation: 'remember', ...memoryOf }),
      node('autoplaySessionMemory', { operation: 'link', chat, conversationId: id, ...memoryOf }),
      node('autoplaySummarizeSession', { threshold: 1, ...memoryOf }),
    );
    await prepare({ type: 'actions', ...session, actions: [{ description: 'came' }] });
    const conversation = { conversation_id: id };
    const act = async (heading: string, operation: string, item: object, more: object = {}) => {
      const resource = heading.split(':')[0]!.toLowerCase();
      return await compare(type, heading, { resource, operation, ...more }, item);
    };
    await act('Activity: Deliver', 'deliver', session, memoryOf);
    await act('Activity: Replace With Summary', 'replaceWithSummary', session, memoryOf);
    const note = await act('Note: Post', 'post', conversation, { text: 'Hi' });
    if (chat === 'intercom') {
      await act('Note: Redact', 'redact', note);
      await act('Message: Send Reply', 'reply', conversation, { text: 'Hi' });
    } else {
      await act('Note: Delete', 'delete', note);
      await act('Message: Send Reply', 'sendOperatorReply', conversation, { text: 'Hi' });
      await act('Visitor: Get', 'get', conversation);
    }
  });
});
