import type { INodeProperties } from 'n8n-workflow';
import { newNote } from '../../../core/crisp/destination';
import { plainText } from '../../../core/crisp/send';
import { crispFor } from '../../shared/crisp';
import * as note from '../../shared/note';
import { textOf } from '../../shared/operations/fields';
import { nicknameOf } from './author';
import { conversation } from './fields';
import { sendItem } from './send';

const isMarkdown: INodeProperties = {
  displayName: 'Text Is Markdown',
  name: 'textIsMarkdown',
  type: 'boolean',
  default: false,
  description: 'Whether the text is Markdown. Switched off, links are shown as words and address.',
};

export const postNote = note.postNote({
  readers: 'operators',
  conversation,
  fields: [isMarkdown],
  prepare: (context) => crispFor(context),
  async post(item, conversationId, crisp) {
    const text = textOf(item);
    const content = item.isOn(isMarkdown) ? text : plainText(text);
    const message = newNote(content, nicknameOf(item));
    return String(await sendItem(item, crisp, conversationId, message));
  },
});
