import type { INodeProperties } from 'n8n-workflow';
import {
  isTimeZone,
  noteTemplateFault,
  PLACEHOLDERS,
  type NoteFormat,
} from '../../../core/text/noteFormat';
import { webAddress } from '../../../core/payload/urls';
import { choiceField, type ChoiceField } from '../operations/parameters';
import type { Item } from '../operations/run';

/** The fields that say how an operation writes its notes. */
export interface FormatFields {
  /** In the order of the panel. */
  all: INodeProperties[];
  /** Those below *Options*. */
  options: INodeProperties[];
  /** @throws NodeOperationError for a time zone or template that cannot be used */
  formatOf(item: Item): NoteFormat | undefined;
}

type Kind = NoteFormat['kind'];

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

  const chosenIn = (item: Item): NoteFormat | undefined => {
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
  };

  return {
    all: [noteFormat, noteTemplate, timeZone],
    options: replayFields,
    formatOf(item) {
      const replayIn = replayOf(item);
      const format = chosenIn(item);
      if (replayIn === undefined) return format;
      return { ...(format ?? { kind: 'autoplay' }), replayIn };
    },
  };
}

const replayLink: INodeProperties = {
  displayName: 'Replay Link',
  name: 'replayLink',
  type: 'boolean',
  default: true,
  description:
    "Whether to end with a link to the visitor's replay in PostHog, at the moment of the first action. For activity that Autoplay streams, it needs the project below.",
};

const replayProject: INodeProperties = {
  displayName: 'Replay Project URL',
  name: 'replayProject',
  type: 'string',
  default: '',
  placeholder: 'e.g. https://eu.posthog.com/project/7',
  description:
    "Your project's page in PostHog. Only for activity that Autoplay streams: the PostHog trigger knows its project.",
};

/** Options of every operation that can link to a replay. */
export const replayFields = [replayLink, replayProject];

/**
 * The project whose replay to link to; undefined for the session's own, null for no link.
 * @throws NodeOperationError for an address that cannot be one
 */
export function replayOf(item: Item): string | null | undefined {
  if (!item.options.isOn(replayLink)) return null;
  const given = item.options.text(replayProject);
  if (!given) return undefined;
  // The address of any page of the project will do.
  const url = webAddress(given)?.replace(/(\/project\/[\w-]+)\/.*$/, '$1');
  if (url) return url;
  throw item.fault(
    `"${replayProject.displayName}" is no address`,
    "Copy the address of your project's page in PostHog, such as https://eu.posthog.com/project/7.",
  );
}
