import { randomUUID } from 'node:crypto';
import type { INodeProperties } from 'n8n-workflow';
import { systemClock } from '../../../../core/clock';
import { makeFingerprint } from '../../../../core/crisp/fingerprint';
import { sendOnce } from '../../../../core/crisp/send';
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
        displayName: 'Stop Typing',
        name: 'stopTyping',
        type: 'boolean',
        default: true,
        description:
          'Whether the typing indicator ends with the reply, also when the reply could not be sent. Costs one call.',
      },
    ],
  },
];

interface Options {
  automated?: boolean;
  avatar?: string;
  stopTyping?: boolean;
}

/** Each item with the reply's `fingerprint`, Crisp's id of it. */
export const execute: Execute = async function () {
  const prepare = () => crispFor(this);
  const items = await eachItem(this, prepare, async ({ api, secret }, { json }, item) => {
    const conversationId = conversationOf(this, item);
    const {
      automated = true,
      avatar,
      stopTyping = true,
    } = this.getNodeParameter('options', item, {}) as Options;
    const nickname = String(this.getNodeParameter('nickname', item, '') ?? '').trim();
    const parts = { api, clock: systemClock, random: Math.random, secret };
    try {
      const content = textOf(this, item);
      const fingerprint = await sendOnce(parts, conversationId, {
        type: 'text',
        content,
        fingerprint: makeFingerprint(randomUUID(), secret),
        automated,
        ...((nickname || avatar) && {
          user: { ...(nickname && { nickname }), ...(avatar && { avatar }) },
        }),
      });
      return [{ json: { ...passedOn(this, json), conversation_id: conversationId, fingerprint } }];
    } finally {
      // The reply is what matters: an indicator that stays is no reason to call it failed.
      if (stopTyping) await api.compose(conversationId, 'stop').catch(() => undefined);
    }
  });
  return [items];
};
