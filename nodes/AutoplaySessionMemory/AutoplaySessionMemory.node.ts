import {
  NodeConnectionTypes,
  type IExecuteFunctions,
  type INodeExecutionData,
  type INodeType,
  type INodeTypeDescription,
} from 'n8n-workflow';
import { memoryCredential, STORAGE_VERSIONS } from '../shared/memory/fields';
import { getMemories } from '../shared/memory/names';
import { autoplayMemoryTest } from './credentialTest';
import { router } from './operations';

/** Keeps what visitors do between executions, and finds it again. */
export class AutoplaySessionMemory implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Autoplay Session Memory',
    name: 'autoplaySessionMemory',
    icon: { light: 'file:memory.svg', dark: 'file:memory.dark.svg' },
    group: ['transform'],
    // 1.1: it asks for the credential of the memory only if that is wanted.
    version: STORAGE_VERSIONS,
    subtitle: router.subtitle,
    description:
      'Remember what visitors do, link their sessions to conversations, and recall or forget them',
    defaults: { name: 'Autoplay Session Memory' },
    usableAsTool: true,
    inputs: [NodeConnectionTypes.Main],
    outputs: router.outputs,
    credentials: [
      {
        name: 'autoplayMemoryApi',
        displayName: memoryCredential.displayName,
        required: false,
        displayOptions: memoryCredential.displayOptions,
        testedBy: 'autoplayMemoryTest',
      },
    ],
    properties: router.properties,
  };

  methods = { credentialTest: { autoplayMemoryTest }, loadOptions: { getMemories } };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    return await router.execute(this);
  }
}
