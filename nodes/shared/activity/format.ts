import type { INodeProperties } from 'n8n-workflow';
import {
  isTimeZone,
  noteTemplateFault,
  PLACEHOLDERS,
  type NoteFormat,
} from '../../../core/text/noteFormat';
import { choiceField, type ChoiceField } from '../operations/parameters';
import type { Item } from '../operations/run';

/** The fields that say how an operation writes its notes. */
export interface FormatFields {
  /** In the order of the panel. */
  all: INodeProperties[];
  /** @throws NodeOperationError for a time zone or template that cannot be used */
  formatOf(item: Item): NoteFormat | undefined;
}

type Kind = NoteFormat['kind'] | 'autoplay';

const EXAMPLES = {
  activity: 'The visitor did this ({count}):\n{actions}\n\n{session_id} · {timestamp}',
  summary: '{summary}\n\n{session_id} · {timestamp}',
};

/** @param kind which note it is: a list of what the visitor did, or a summary of it */
export function formatFields(kind: keyof typeof PLACEHOLDERS): FormatFields {
  const noteFormat: ChoiceField<Kind> = choiceField({
    displayName: 'Note Format',
    name: 'noteFormat',
    type: 'options',
    options: [
      {
        name: "Autoplay's",
        value: 'autoplay',
        description:
          "As in Autoplay's tutorials: session ID and UTC time first, then numbered actions",
      },
      {
        name: 'Readable',
        value: 'readable',
        description:
          kind === 'activity'
            ? 'The time and page of each action; session ID and date last'
            : 'The summary first; session ID and date last',
      },
      { name: 'Template', value: 'template', description: 'A text of your own' },
    ],
    default: 'autoplay',
    description: 'How to write the note',
  });
  const noteTemplate: INodeProperties = {
    displayName: 'Template',
    name: 'noteTemplate',
    type: 'string',
    typeOptions: { rows: 4 },
    displayOptions: { show: { noteFormat: ['template'] } },
    default: EXAMPLES[kind],
    required: true,
    description: `Placeholders: ${PLACEHOLDERS[kind].map((name) => `{${name}}`).join(', ')}. A line with {session_id} and {timestamp} is added if one is missing, because notes are recognized by them.`,
  };
  const timeZone: INodeProperties = {
    displayName: 'Time Zone',
    name: 'noteTimeZone',
    type: 'string',
    displayOptions: { show: { noteFormat: ['readable', 'template'] } },
    default: '',
    placeholder: 'e.g. Europe/Paris',
    description: 'The time zone of notes, by default that of the workflow',
  };

  return {
    all: [noteFormat, noteTemplate, timeZone],
    formatOf(item) {
      // A node that an older n8n saved may lack the field.
      const chosen = item.raw(noteFormat) === '' ? 'autoplay' : item.choice(noteFormat);
      if (chosen === 'autoplay') return undefined;
      const zone = item.text(timeZone) || item.context.getTimezone();
      if (!isTimeZone(zone)) {
        throw item.fault(
          `"${timeZone.displayName}" is "${zone.slice(0, 40)}", which is no time zone`,
          'Enter a name such as Europe/Paris, America/New_York or UTC, or leave the field empty for the time zone of the workflow.',
        );
      }
      if (chosen === 'readable') return { kind: chosen, timeZone: zone };
      const template = String(item.raw(noteTemplate) ?? '');
      const fault = noteTemplateFault(template, kind);
      if (fault) throw item.fault(`"${noteTemplate.displayName}" cannot be used`, fault);
      return { kind: chosen, timeZone: zone, template };
    },
  };
}
