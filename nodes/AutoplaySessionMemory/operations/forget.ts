import {
  NodeOperationError,
  type IExecuteFunctions,
  type INodeExecutionData,
  type INodeProperties,
} from 'n8n-workflow';
import { eachItem, passedOn } from '../../shared/items';
import { openMemory } from '../../shared/memory/open';
import { productOption, identityFields, text, personIn } from './fields';

const show = { operation: ['forget'] };

export const description: INodeProperties[] = [
  {
    displayName: 'Forget By',
    name: 'forgetBy',
    type: 'options',
    displayOptions: { show },
    options: [
      { name: 'Any of Several', value: 'several' },
      { name: 'Email', value: 'email' },
      { name: 'Session ID', value: 'session_id' },
      { name: 'User ID', value: 'user_id' },
    ],
    default: 'email',
    description:
      'Every session that has ever gone by it is erased: actions, summaries, links and names',
  },
  {
    displayName: 'Value',
    name: 'forgetValue',
    type: 'string',
    required: true,
    displayOptions: { show: { ...show, forgetBy: ['email', 'session_id', 'user_id'] } },
    default: '',
    placeholder: 'e.g. name@example.com',
    description: 'Whom or what to forget',
  },
  ...identityFields(
    { ...show, forgetBy: ['several'] },
    {
      sessionId: 'Whatever matches any of the three is forgotten; those left empty match nothing',
      userId: 'Every session of this user',
      email: 'Every session with this address',
    },
  ),
  {
    displayName: 'Only in This Memory',
    name: 'onlyThisMemory',
    type: 'boolean',
    displayOptions: { show },
    default: false,
    description:
      'Whether to leave the memories of other workflows alone. Switched off, the person is forgotten everywhere.',
  },
  productOption(
    show,
    'Only sessions of this product are forgotten: the same user ID may be somebody else in another',
  ),
];

/** Each item with what was erased, and the notes that still stand in a chat product. */
export async function execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
  const prepare = () => openMemory(this);
  const items = await eachItem(this, prepare, async ({ storage, memoryOf }, { json }, item) => {
    const whom = whomToForget(this, item);
    if (!Object.values(whom).some(Boolean)) {
      throw new NodeOperationError(this.getNode(), 'Nobody was named to be forgotten', {
        itemIndex: item,
        description: 'Fill in whom to forget.',
      });
    }
    const only = this.getNodeParameter('onlyThisMemory', item) as boolean;
    const query = { ...whom, product_id: text(this, 'options.productId', item) };
    const forgotten = await (only ? memoryOf(item) : storage).forget(query);
    return [{ json: { ...passedOn(this, json), forgotten: forgotten } }];
  });
  return [items];
}

function whomToForget(context: IExecuteFunctions, item: number) {
  const by = context.getNodeParameter('forgetBy', item) as string;
  const value = personIn(context, 'forgetValue', item);
  if (by === 'email' || by === 'user_id' || by === 'session_id') return { [by]: value };
  if (by !== 'several') {
    throw new NodeOperationError(context.getNode(), `Nobody can be forgotten by "${by}"`, {
      itemIndex: item,
      description: 'Choose Forget By anew in the panel of the node.',
    });
  }
  return {
    session_id: personIn(context, 'sessionId', item),
    user_id: personIn(context, 'userId', item),
    email: personIn(context, 'email', item),
  };
}
