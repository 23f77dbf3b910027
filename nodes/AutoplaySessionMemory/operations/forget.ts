import {
  NodeOperationError,
  type IExecuteFunctions,
  type INodeExecutionData,
  type INodeProperties,
} from 'n8n-workflow';
import { eachItem } from '../../shared/items';
import { openMemory } from '../../shared/memory';
import { text } from './fields';

const show = { operation: ['forget'] };

export const description: INodeProperties[] = [
  {
    displayName: 'Forget By',
    name: 'forgetBy',
    type: 'options',
    displayOptions: { show },
    options: [
      { name: 'Email', value: 'email' },
      { name: 'Session ID', value: 'session_id' },
      { name: 'User ID', value: 'user_id' },
    ],
    default: 'email',
    description: 'Everything that belongs to it is erased: actions, summaries and links',
  },
  {
    displayName: 'Value',
    name: 'forgetValue',
    type: 'string',
    required: true,
    displayOptions: { show },
    default: '',
    placeholder: 'e.g. name@example.com',
    description: 'Whom or what to forget',
  },
  {
    displayName: 'Only in This Memory',
    name: 'onlyThisMemory',
    type: 'boolean',
    displayOptions: { show },
    default: false,
    description:
      'Whether to leave the memories of other workflows alone. Switched off, the person is forgotten everywhere.',
  },
];

/** Each item with what was erased, and the notes that still stand in a chat product. */
export async function execute(this: IExecuteFunctions): Promise<INodeExecutionData[]> {
  const prepare = () => openMemory(this);
  return await eachItem(this, prepare, async ({ memory, name }, { json }, item) => {
    const field = this.getNodeParameter('forgetBy', item) as 'email' | 'session_id' | 'user_id';
    const value = text(this, 'forgetValue', item);
    if (value === undefined) {
      throw new NodeOperationError(this.getNode(), 'Nobody was named to be forgotten', {
        itemIndex: item,
        description: 'Fill in Value.',
      });
    }
    const only = this.getNodeParameter('onlyThisMemory', item) as boolean;
    const forgotten = await memory.forget({ [field]: value, ...(only && { memory: name }) });
    return [{ json: { ...json, forgotten: forgotten } }];
  });
}
