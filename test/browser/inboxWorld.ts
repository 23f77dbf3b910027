import { demo, type OfferReport, people, startSimulators, type Simulators } from '../../simulators';
import { chatAs, continuityToken } from '../../simulators/crisp';

/** The simulators with their inbox, and a team that works through the chat products' own APIs. */
export async function startInboxWorld() {
  /** What the memory says of offers. A test replaces it. */
  const offers: { report: OfferReport } = { report: async () => [] };
  const simulators = await startSimulators({ lively: false, offers: () => offers.report() });
  return { ...simulators, ...team(simulators), offers };
}

/** Everything a test can do in it. */
export type InboxWorld = Awaited<ReturnType<typeof startInboxWorld>>;

const HEADER = 'session_id: s_1<br>timestamp: 2026-01-15 12:34:50 UTC';

function team({ urls, crisp, crowd, intercom }: Simulators) {
  const person = (id: string) => people.find((one) => one.id === id)!;
  const send = async (url: string, headers: Record<string, string>, body: unknown) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    expect([url, response.ok]).toEqual([url, true]);
    return (await response.json()) as any;
  };
  const inIntercom = (path: string, body: unknown) =>
    send(`${urls.intercom}/conversations/${path}`, bearer(demo.intercomToken), body);
  const note = async (conversation: string, html: string): Promise<string> => {
    const body = { message_type: 'note', type: 'admin', admin_id: '9912674', body: html };
    await inIntercom(`${conversation}/reply`, body);
    return intercom.conversation(conversation).parts.at(-1)!.id;
  };
  const basic = Buffer.from(`${demo.crispTokenIdentifier}:${demo.crispTokenKey}`);
  const crispHeaders = {
    Authorization: `Basic ${basic.toString('base64')}`,
    'X-Crisp-Tier': 'website',
  };

  return {
    visitorStarts: (personId: string, text: string) =>
      intercom.visitorStarts({ external_id: personId, text }).id,
    note,
    activityNote: (conversation: string, line: string) =>
      note(conversation, `<p>${HEADER}</p><p>[1] User ${line}</p>`),
    summaryNote: (conversation: string, text: string) =>
      note(conversation, `<p>${HEADER}</p><p>${text}</p>`),
    redact: (conversation: string, part: string) =>
      inIntercom('redact', {
        type: 'conversation_part',
        conversation_id: conversation,
        conversation_part_id: part,
      }),
    /** Writes in Crisp as a demo visitor; returns the conversation's id. */
    asks: (personId: string, text: string) =>
      chatAs(crisp, crowd, person(personId), text).conversation.session_id,
    /** Asks the model as the shipped workflow does; returns what it says. */
    async think(question: string, activity: string): Promise<string> {
      const user = `## Current User Activity\n<activity>\n${activity}\n</activity>\n\n## Visitor's Message\n<message>\n${question}\n</message>`;
      const messages = [
        { role: 'system', content: 'You are the support assistant.' },
        { role: 'user', content: user },
      ];
      const body = { model: demo.model, messages };
      const answer = await send(`${urls.model}/chat/completions`, bearer(demo.modelKey), body);
      return answer.choices[0].message.content;
    },
    /**
     * Offers help to a demo visitor who has the site open in front of them, with two choices.
     *
     * @returns the conversation
     */
    async offerInCrisp(personId: string, text: string, labels: readonly string[]): Promise<string> {
      crowd.act(personId, [{ visit: 'pricing' }]);
      const token = continuityToken(person(personId));
      const { session_id } = crisp.sessions().find((one) => one.token === token)!;
      const choices = labels.map((label) => ({ value: label, label, selected: false }));
      const conversation = `${urls.crisp}/website/${demo.crispWebsiteId}/conversation/${session_id}`;
      await send(`${conversation}/initiate`, crispHeaders, {});
      await send(`${conversation}/message`, crispHeaders, {
        ...{ type: 'picker', from: 'operator', origin: 'chat', automated: true },
        content: { id: 'offer', text, choices },
        user: { type: 'participant', nickname: 'Copilot' },
      });
      return session_id;
    },
    /**
     * The same in Intercom.
     *
     * @param opens whether with a conversation and the choices; otherwise the visitor's answer opens it
     */
    async offerInIntercom(
      personId: string,
      text: string,
      labels: readonly string[],
      opens = true,
    ): Promise<string> {
      const { id } = intercom.findContact({ external_id: personId })!;
      const from = { type: 'admin', id: 9912674 };
      const message = { message_type: 'in_app', body: text, from, to: { type: 'user', id } };
      const { conversation_id } = await send(
        `${urls.intercom}/messages`,
        bearer(demo.intercomToken),
        { ...message, create_conversation_without_contact_reply: opens },
      );
      const reply_options = labels.map((label) => ({ text: label, uuid: `uuid of ${label}` }));
      const buttons = { message_type: 'quick_reply', type: 'admin', admin_id: '9912674' };
      if (opens) await inIntercom(`${conversation_id}/reply`, { ...buttons, reply_options });
      return conversation_id;
    },
    /** The bot in Crisp shows that it is typing. */
    async typing(conversation: string): Promise<void> {
      const path = `${demo.crispWebsiteId}/conversation/${conversation}/compose`;
      const response = await fetch(`${urls.crisp}/website/${path}`, {
        method: 'PATCH',
        headers: { 'Content-Type': 'application/json', ...crispHeaders },
        body: JSON.stringify({ type: 'start', from: 'operator' }),
      });
      expect(response.ok).toBe(true);
    },
    /** A bot's or an operator's answer in Crisp. */
    reply: (conversation: string, content: string, automated = true) =>
      send(
        `${urls.crisp}/website/${demo.crispWebsiteId}/conversation/${conversation}/message`,
        crispHeaders,
        {
          ...{ type: 'text', from: 'operator', origin: 'chat', content, automated },
          user: { type: 'operator', nickname: automated ? 'Assistant' : 'Sam Rivera' },
        },
      ),
  };
}

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

/** What Recall tells of a session. */
export const activityOf = (sessionId: string, what: string): string =>
  `They compared plans.\n\nSession ${sessionId} — 1 actions\n[0] click: User clicked ${what} — https://app.example/export`;
