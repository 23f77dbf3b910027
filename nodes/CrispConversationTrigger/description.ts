import type { INodeProperties } from 'n8n-workflow';

export const properties: INodeProperties[] = [
  {
    displayName:
      "Open <b>Webhook URLs</b> above and choose <b>Production URL</b>. In Crisp, open Settings → Workspace Settings → Advanced configuration → Web Hooks, add a hook with that URL followed by <b>?key=</b> and the credential's <b>Webhook Secret</b>, and tick <b>message:send</b>. A plugin's hooks need no key: there the secret is the plugin's signing secret. Without a secret every delivery is refused.",
    name: 'setupNotice',
    type: 'notice',
    default: '',
  },
  {
    displayName: 'Events',
    name: 'events',
    type: 'multiOptions',
    required: true,
    options: [
      {
        name: 'Email Set',
        value: 'session:set_email',
        description: "The visitor's email address became known",
      },
      {
        name: 'Message Updated',
        value: 'message:updated',
        description:
          'A visitor chose something in a picker or filled in a field; choose these Message Types, too',
      },
      {
        name: 'Operator Wrote',
        value: 'message:received',
        description:
          'A person answered. Messages of bots, such as your own replies, never start it.',
      },
      {
        name: 'Session Data Set',
        value: 'session:set_data',
        description: "The site's snippet told who the visitor is",
      },
      {
        name: 'State Changed',
        value: 'session:set_state',
        description: 'A conversation was resolved or opened again',
      },
      {
        name: 'Visitor Wrote',
        value: 'message:send',
        description: 'A visitor wrote in the chatbox, not by email or another messenger',
      },
    ],
    default: ['message:send'],
    description: 'What starts the workflow. The hook in Crisp must have the same events ticked.',
  },
  {
    displayName: 'Message Types',
    name: 'messageTypes',
    type: 'multiOptions',
    required: true,
    displayOptions: {
      show: { events: ['message:send', 'message:received', 'message:updated'] },
    },
    options: [
      { name: 'Animation', value: 'animation' },
      { name: 'Audio', value: 'audio' },
      { name: 'Field', value: 'field', description: 'A question with room for an answer' },
      { name: 'File', value: 'file' },
      { name: 'Note', value: 'note', description: 'Internal, between operators' },
      { name: 'Picker', value: 'picker', description: 'A question with choices' },
      { name: 'Text', value: 'text' },
    ],
    default: ['text'],
    description: 'Which messages start the workflow',
  },
];
