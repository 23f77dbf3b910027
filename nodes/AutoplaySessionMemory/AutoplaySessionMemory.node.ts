import {
  NodeConnectionTypes,
  NodeOperationError,
  type ICredentialTestFunctions,
  type ICredentialsDecrypted,
  type IExecuteFunctions,
  type INodeCredentialTestResult,
  type INodeExecutionData,
  type INodeType,
  type INodeTypeDescription,
} from 'n8n-workflow';
import { StorageError } from '../../core/memory/errors';
import { own, type Execute } from '../shared/actions';
import { NO_NODE } from '../shared/credentialTests';
import { memoryCredential, memoryFields } from '../shared/memory/fields';
import { openStorage, storageFault, tryServer } from '../shared/memory/storage';
import { chosenName, inPanelOrder } from '../shared/panel';
import { serverOf } from '../shared/memory/settings';
import { asStorageFault } from '../shared/memory/trouble';
import { fields, operation, operations, outputs } from './operations';

/** Keeps what visitors do between executions, and finds it again. */
export class AutoplaySessionMemory implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Autoplay Session Memory',
    name: 'autoplaySessionMemory',
    icon: { light: 'file:memory.svg', dark: 'file:memory.dark.svg' },
    group: ['transform'],
    version: 1,
    subtitle: chosenName(operation),
    description: 'Remembers what visitors do, and whose conversation it belongs to',
    defaults: { name: 'Autoplay Session Memory' },
    usableAsTool: true,
    inputs: [NodeConnectionTypes.Main],
    outputs,
    credentials: [
      {
        name: 'autoplayMemoryApi',
        displayName: memoryCredential.displayName,
        required: false,
        testedBy: 'autoplayMemoryTest',
      },
    ],
    properties: [operation, ...inPanelOrder([...memoryFields, ...fields])],
  };

  methods = {
    credentialTest: {
      async autoplayMemoryTest(
        this: ICredentialTestFunctions,
        { data = {} }: ICredentialsDecrypted,
      ): Promise<INodeCredentialTestResult> {
        const storage = String(data.storage ?? 'sqlite');
        const fault = storageFault(storage);
        if (fault) return { status: 'Error', message: `${fault.message}. ${fault.description}` };
        try {
          if (storage === 'postgres') await tryServer(serverOf(data));
          else await openStorage({ getNode: () => NO_NODE }, { storage }).expire();
        } catch (error) {
          const { message } = error as Error;
          const advice = error instanceof StorageError ? `. ${error.advice}` : '';
          return { status: 'Error', message: `${message}${advice}` };
        }
        return { status: 'OK', message: 'The memory can be used' };
      },
    },
  };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    const chosen = this.getNodeParameter('operation', 0);
    const { execute } = own<{ execute: Execute }>(operations, chosen) ?? {};
    if (!execute) {
      throw new NodeOperationError(this.getNode(), `This node cannot do "${chosen}"`, {
        description: 'Choose Operation anew in its panel.',
      });
    }
    try {
      return await execute.call(this);
    } catch (error) {
      throw asStorageFault(this.getNode(), error);
    }
  }
}
