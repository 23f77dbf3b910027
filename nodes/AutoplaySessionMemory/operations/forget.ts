import type { INodeProperties } from 'n8n-workflow';
import { openMemory } from '../../shared/memory/open';
import { operation } from '../../shared/operations/operation';
import { choiceField } from '../../shared/operations/parameters';
import type { Item } from '../../shared/operations/run';
import { identityFields, identityOf, productOf, productOptions } from './identity';

const forgetBy = choiceField({
  displayName: 'Forget By',
  name: 'forgetBy',
  type: 'options',
  options: [
    { name: 'Any of Several', value: 'several' },
    { name: 'Email', value: 'email' },
    { name: 'Session ID', value: 'session_id' },
    { name: 'User ID', value: 'user_id' },
  ],
  default: 'email',
  description:
    'Erases every session that ever had this value, with actions, summaries, links and IDs',
});

const forgetValue: INodeProperties = {
  displayName: 'Value',
  name: 'forgetValue',
  type: 'string',
  required: true,
  displayOptions: { show: { forgetBy: ['email', 'session_id', 'user_id'] } },
  default: '',
  placeholder: 'e.g. name@example.com',
  description: 'The email address or ID to forget',
};

const severalFields = identityFields({
  sessionId: 'Forgets sessions that match any of the three. An empty field matches nothing.',
  userId: 'Forgets every session of this user',
  email: 'Forgets every session with this address',
}).map((field) => ({ ...field, displayOptions: { show: { forgetBy: ['several'] } } }));

const onlyThisMemory: INodeProperties = {
  displayName: 'Only in This Memory',
  name: 'onlyThisMemory',
  type: 'boolean',
  default: false,
  description:
    'Whether to keep the memories of other workflows. Switched off, all memories in this storage forget the person.',
};

const keepObjection: INodeProperties = {
  displayName: 'Keep Objection to Offers',
  name: 'keepObjection',
  type: 'boolean',
  default: true,
  description:
    'Whether to remember, as a hash without any name, that the person dismissed offers or said stop. Switched off, offers may begin anew.',
};

/** Each item with what was erased (`forgotten`), and the notes that are still in a chat product. */
export const forget = operation({
  value: 'forget',
  name: 'Forget',
  action: 'Forget a person',
  description: 'Erase a session, or everything about a user or email address',
  fields: [
    forgetBy,
    forgetValue,
    ...severalFields,
    onlyThisMemory,
    productOptions(
      'Forgets only sessions of this product, because another product may use the same user ID for someone else',
      keepObjection,
    ),
  ],
  prepare: (context) => openMemory(context),
  async run(item, { storage, memoryOf }) {
    const whom = whomToForget(item);
    if (!Object.values(whom).some(Boolean)) {
      throw item.fault(
        'This item names no person or session to forget',
        'Fill in the ID or email address.',
      );
    }
    const memory = item.isOn(onlyThisMemory) ? memoryOf(item.index) : storage;
    const forgotten = await memory.forget({
      ...whom,
      product_id: productOf(item),
      keepObjection: item.options.isOn(keepObjection),
    });
    return { json: { forgotten } };
  },
});

function whomToForget(item: Item) {
  const by = item.choice(forgetBy);
  return by === 'several' ? identityOf(item) : { [by]: item.person(forgetValue) };
}
