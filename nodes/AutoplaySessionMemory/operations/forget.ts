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
  description: 'Every session that has ever had it is erased: actions, summaries, links and names',
});

const forgetValue: INodeProperties = {
  displayName: 'Value',
  name: 'forgetValue',
  type: 'string',
  required: true,
  displayOptions: { show: { forgetBy: ['email', 'session_id', 'user_id'] } },
  default: '',
  placeholder: 'e.g. name@example.com',
  description: 'Whom or what to forget',
};

const severalFields = identityFields({
  sessionId: 'Sessions that match any of the three are forgotten. An empty field matches nothing.',
  userId: 'Every session of this user',
  email: 'Every session with this address',
}).map((field) => ({ ...field, displayOptions: { show: { forgetBy: ['several'] } } }));

const onlyThisMemory: INodeProperties = {
  displayName: 'Only in This Memory',
  name: 'onlyThisMemory',
  type: 'boolean',
  default: false,
  description:
    'Whether to leave the memories of other workflows alone. Switched off, the person is forgotten everywhere.',
};

/** Each item with what was erased (`forgotten`), and the notes that are still in a chat product. */
export const forget = operation({
  value: 'forget',
  name: 'Forget',
  action: 'Forget a session or a person',
  description: 'Erase a session, or everything of a user or email address',
  fields: [
    forgetBy,
    forgetValue,
    ...severalFields,
    onlyThisMemory,
    productOptions(
      'Only sessions of this product are forgotten: in another product, the same user ID may belong to another person',
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
    const forgotten = await memory.forget({ ...whom, product_id: productOf(item) });
    return { json: { forgotten } };
  },
});

function whomToForget(item: Item) {
  const by = item.choice(forgetBy);
  return by === 'several' ? identityOf(item) : { [by]: item.person(forgetValue) };
}
