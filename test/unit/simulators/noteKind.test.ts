import { textToHtml } from '../../../core/text/html';
import { composeActivity, composeSummary, type NoteFormat } from '../../../core/text/noteFormat';
import { noteKind } from '../../../simulators/inbox/threads';
import { action } from '../../support/memory';

const FORMATS: Array<[string, NoteFormat | undefined]> = [
  ['Autoplay’s', undefined],
  ['Readable', { kind: 'readable', timeZone: 'Europe/Paris' }],
  ['Template', { kind: 'template', timeZone: 'UTC', template: 'Look:\n{actions}{summary}' }],
];

it.each(FORMATS)('the inbox tells notes of ours apart in the format %s', (_, format) => {
  const actions = [{ at: 0, action: action('clicked Save') }];
  const kindOf = (text: string) => noteKind(textToHtml(text));
  expect(kindOf(composeActivity({ session_id: 's' }, actions, 0, format))).toBe('activity');
  expect(kindOf(composeSummary({ session_id: 's' }, 'They saved.', 0, format))).toBe('summary');
  expect(kindOf('Called them back')).toBe('note');
});
