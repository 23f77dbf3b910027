import type { IDataObject, INodeProperties } from 'n8n-workflow';
import type { NewMessage } from '../../../core/crisp/api';
import { OperatorWroteError, type Silence } from '../../../core/crisp/send';
import { crispFor } from '../../shared/crisp';
import { conversationOf, optionsField, textField, textOf } from '../../shared/operations/fields';
import { operation } from '../../shared/operations/operation';
import type { Item } from '../../shared/operations/run';
import { conversation } from './fields';
import { sendItem } from './send';
import { silenceField, silenceOf } from './silence';
import { stopTyping } from './typing';

const nicknameField: INodeProperties = {
  displayName: 'Nickname',
  name: 'nickname',
  type: 'string',
  default: '',
  placeholder: 'e.g. Copilot',
  description: 'The author of the reply. If empty, the website is shown.',
};

const automatedOption: INodeProperties = {
  displayName: 'Automated',
  name: 'automated',
  type: 'boolean',
  default: true,
  description: 'Whether to mark the reply in Crisp as written by a bot',
};

const avatarOption: INodeProperties = {
  displayName: 'Avatar URL',
  name: 'avatar',
  type: 'string',
  default: '',
  placeholder: 'e.g. https://example.com/copilot.png',
  description: 'The picture beside the nickname',
};

const silenceOption = silenceField(
  'How long to hold back replies after an operator wrote, unless the conversation is resolved earlier. With 0 or without this option, the reply is always sent. Costs one call.',
);

const stopTypingOption: INodeProperties = {
  displayName: 'Stop Typing',
  name: 'stopTyping',
  type: 'boolean',
  default: true,
  description:
    'Whether to hide the typing indicator afterwards, also if no reply was sent. Costs one call.',
};

/**
 * Each item with `sent`, the reply's `fingerprint` (Crisp's id of it; null where an operator has the
 * conversation), and `operator_wrote_at`.
 */
export const sendOperatorReply = operation({
  value: 'sendOperatorReply',
  name: 'Send Reply',
  action: 'Send a reply',
  description: 'Send a message that the visitor sees',
  fields: [
    conversation,
    textField(
      'The message to the visitor. Crisp shows simple Markdown: bold, italics, links.',
      'Thanks for asking, we are looking into it',
    ),
    nicknameField,
    optionsField(automatedOption, avatarOption, silenceOption, stopTypingOption),
  ],
  prepare: (context) => crispFor(context),
  async run(item, crisp) {
    const conversation_id = conversationOf(item);
    const stopsTyping = item.options.isOn(stopTypingOption);
    try {
      const silence = askedFor(item, conversation_id);
      const sending = sendItem(item, crisp, conversation_id, messageOf(item), silence);
      return { json: { conversation_id, ...(await sending.then(sent, heldBack)) } };
    } finally {
      // The reply is what matters: an indicator that stays is no reason to call it failed.
      if (stopsTyping) await stopTyping(crisp.api, conversation_id).catch(() => undefined);
    }
  },
});

function messageOf(item: Item): Omit<NewMessage, 'fingerprint'> {
  const nickname = item.text(nicknameField);
  const avatar = item.options.text(avatarOption);
  return {
    type: 'text',
    content: textOf(item),
    automated: item.options.isOn(automatedOption),
    ...((nickname || avatar) && {
      user: { ...(nickname && { nickname }), ...(avatar && { avatar }) },
    }),
  };
}

/** How long an operator silences the bot, if the option asks for it. */
function askedFor(item: Item, conversationId: string): Silence | undefined {
  const silenceMs = item.options.has(silenceOption) ? silenceOf(item.options, silenceOption) : 0;
  if (silenceMs === 0) return undefined;
  return { silenceMs, onUnknown: (error) => hintUnknown(item, conversationId, error) };
}

const sent = (fingerprint: number): IDataObject => ({
  sent: true,
  fingerprint,
  operator_wrote_at: null,
});

/** @throws any other error that kept it from being sent */
function heldBack(error: unknown): IDataObject {
  if (!(error instanceof OperatorWroteError)) throw error;
  const operator_wrote_at = new Date(error.at).toISOString();
  return { sent: false, fingerprint: null, operator_wrote_at };
}

/** Says at the execution that nothing was found out: the visitor may read the bot and an operator at once. */
function hintUnknown({ context }: Item, conversationId: string, error: unknown): void {
  const why = error instanceof Error ? error.message : String(error);
  context.addExecutionHints({
    message: `Whether an operator has written in ${conversationId} could not be found out, so the reply was not held back. ${why}`,
    type: 'warning',
  });
}
