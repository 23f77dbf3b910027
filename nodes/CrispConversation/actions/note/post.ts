import type { INodeProperties } from 'n8n-workflow';
import { newNote } from '../../../../core/crisp/destination';
import { plainText } from '../../../../core/crisp/send';
import {
  conversationField,
  conversationOf,
  textField,
  textOf,
  type Execute,
} from '../../../shared/actions';
import { crispFor } from '../../../shared/crisp';
import { eachItem, passedOn } from '../../../shared/items';
import { nicknameOf, TRIGGER } from '../fields';
import { sendItem } from '../send';

const show = { resource: ['note'], operation: ['post'] };

export const fields: INodeProperties[] = [
  conversationField(show, TRIGGER),
  textField(show, 'What the note says', 'Has been on the pricing page three times today'),
  {
    displayName: 'Text Is Markdown',
    name: 'textIsMarkdown',
    type: 'boolean',
    displayOptions: { show },
    default: false,
    description:
      'Whether the text is sent as it is. Switched off, a link in it is shown as the words and the address it is made of.',
  },
];

/** Each item with the `note_id`. */
export const execute: Execute = async function () {
  const prepare = () => crispFor(this);
  const items = await eachItem(this, prepare, async (crisp, { json }, item) => {
    const conversationId = conversationOf(this, item);
    const text = textOf(this, item);
    const content = this.getNodeParameter('textIsMarkdown', item) ? text : plainText(text);
    const note = newNote(content, nicknameOf(this, item));
    const noteId = String(await sendItem(this, crisp, item, conversationId, note));
    return [
      { json: { ...passedOn(this, json), conversation_id: conversationId, note_id: noteId } },
    ];
  });
  return [items];
};
