import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import type { NewMessage } from '../../../../core/crisp/api';
import { OperatorWroteError } from '../../../../core/crisp/send';
import {
  conversationField,
  conversationOf,
  textField,
  textOf,
  type Execute,
} from '../../../shared/actions';
import { crispFor } from '../../../shared/crisp';
import { eachItem, passedOn } from '../../../shared/items';
import { TRIGGER } from '../fields';
import { sendItem } from '../send';
import { silenceField, silenceOf } from './silence';

const show = { resource: ['message'], operation: ['sendOperatorReply'] };

export const fields: INodeProperties[] = [
  conversationField(show, TRIGGER),
  textField(
    show,
    'What the visitor is told. Crisp shows simple Markdown: bold, italics, links.',
    'Thanks for asking, we are looking into it',
  ),
  {
    displayName: 'Nickname',
    name: 'nickname',
    type: 'string',
    displayOptions: { show },
    default: '',
    placeholder: 'e.g. Copilot',
    description: 'Whom the reply comes from; left empty, the website',
  },
  {
    displayName: 'Options',
    name: 'options',
    type: 'collection',
    placeholder: 'Add option',
    displayOptions: { show },
    default: {},
    options: [
      {
        displayName: 'Automated',
        name: 'automated',
        type: 'boolean',
        default: true,
        description: 'Whether Crisp is told that a bot wrote this',
      },
      {
        displayName: 'Avatar URL',
        name: 'avatar',
        type: 'string',
        default: '',
        placeholder: 'e.g. https://example.com/copilot.png',
        description: 'The picture beside the nickname',
      },
      {
        ...silenceField,
        description:
          'How long nothing is sent after the last message of an operator; with 0, or without this option, the reply is always sent. Ends early when the conversation is resolved. Costs one call.',
      },
      {
        displayName: 'Stop Typing',
        name: 'stopTyping',
        type: 'boolean',
        default: true,
        description:
          'Whether the typing indicator ends with the reply, also when none was sent. Costs one call.',
      },
    ],
  },
];

interface Options {
  automated?: boolean;
  avatar?: string;
  silentMinutes?: unknown;
  stopTyping?: boolean;
}

/**
 * Each item with `sent`, the reply's `fingerprint` (Crisp's id of it; null where an operator has the
 * conversation), and `operator_wrote_at`.
 */
export const execute: Execute = async function () {
  const prepare = () => crispFor(this);
  const items = await eachItem(this, prepare, async (crisp, { json }, item) => {
    const conversationId = conversationOf(this, item);
    const {
      automated = true,
      avatar,
      silentMinutes = 0,
      stopTyping = true,
    } = this.getNodeParameter('options', item, {}) as Options;
    const nickname = String(this.getNodeParameter('nickname', item, '') ?? '').trim();
    try {
      const silenceMs = silenceOf(this, silentMinutes, item);
      const onUnknown = (error: unknown) => sayUnknown(this, conversationId, error);
      const silence = silenceMs > 0 ? { silenceMs, onUnknown } : undefined;
      const message: Omit<NewMessage, 'fingerprint'> = {
        type: 'text',
        content: textOf(this, item),
        automated,
        ...((nickname || avatar) && {
          user: { ...(nickname && { nickname }), ...(avatar && { avatar }) },
        }),
      };
      const sending = sendItem(this, crisp, item, conversationId, message, silence);
      const outcome = await sending.then(sent, heldBack);
      return [{ json: { ...passedOn(this, json), conversation_id: conversationId, ...outcome } }];
    } finally {
      // The reply is what matters: an indicator that stays is no reason to call it failed.
      if (stopTyping) await crisp.api.compose(conversationId, 'stop').catch(() => undefined);
    }
  });
  return [items];
};

const sent = (fingerprint: number): IDataObject => ({
  sent: true,
  fingerprint,
  operator_wrote_at: null,
});

/** @throws whatever else kept it from being sent */
function heldBack(error: unknown): IDataObject {
  if (!(error instanceof OperatorWroteError)) throw error;
  const operator_wrote_at = new Date(error.at).toISOString();
  return { sent: false, fingerprint: null, operator_wrote_at };
}

/** Says at the execution that nobody looked: people may read the bot and an operator at once. */
function sayUnknown(
  context: Pick<IExecuteFunctions, 'addExecutionHints'>,
  conversationId: string,
  error: unknown,
): void {
  const why = error instanceof Error ? error.message : String(error);
  context.addExecutionHints({
    message: `Whether an operator has written in ${conversationId} could not be found out, so the reply was not held back. ${why}`,
    type: 'warning',
  });
}
