import {
  NodeConnectionTypes,
  type ICredentialTestFunctions,
  type ICredentialsDecrypted,
  type IExecuteFunctions,
  type INodeCredentialTestResult,
  type INodeExecutionData,
  type INodeType,
  type INodeTypeDescription,
} from 'n8n-workflow';
import { StorageError } from '../../core/memory/types';
import { NO_NODE } from '../shared/credentialTests';
import { memoryCredential, memoryFields, openStorage, storageFault } from '../shared/memory';
import { inPanelOrder } from '../shared/panel';
import { serverOf, tryServer } from '../shared/postgres';
import { asStorageFault } from '../shared/storageTrouble';
import * as forget from './operations/forget';
import * as link from './operations/link';
import * as recall from './operations/recall';
import * as remember from './operations/remember';

const operations = { forget, link, recall, remember };

/** Keeps what visitors do between executions, and finds it again. */
export class AutoplaySessionMemory implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Autoplay Session Memory',
    name: 'autoplaySessionMemory',
    icon: { light: 'file:memory.svg', dark: 'file:memory.dark.svg' },
    group: ['transform'],
    version: 1,
    subtitle: '={{ $parameter.operation[0].toUpperCase() + $parameter.operation.slice(1) }}',
    description: 'Remembers what visitors do, and whose conversation it belongs to',
    defaults: { name: 'Autoplay Session Memory' },
    usableAsTool: true,
    inputs: [NodeConnectionTypes.Main],
    outputs: [NodeConnectionTypes.Main],
    credentials: [
      {
        name: 'autoplayMemoryApi',
        displayName: memoryCredential.displayName,
        required: false,
        testedBy: 'autoplayMemoryTest',
      },
    ],
    properties: [
      {
        displayName: 'Operation',
        name: 'operation',
        type: 'options',
        noDataExpression: true,
        options: [
          {
            name: 'Forget',
            value: 'forget',
            action: 'Forget a session or a person',
            description: 'Erase a session, or everything of a user or email address',
          },
          {
            name: 'Link',
            value: 'link',
            action: 'Link a conversation to its session',
            description: 'Note which session a conversation belongs to',
          },
          {
            name: 'Recall',
            value: 'recall',
            action: 'Recall what a visitor has been doing',
            description: 'Get the latest actions of a visitor, and a summary of what came before',
          },
          {
            name: 'Remember',
            value: 'remember',
            action: 'Remember actions',
            description: 'Store the actions that come in, each one once',
          },
        ],
        default: 'remember',
      },
      ...inPanelOrder([
        ...memoryFields,
        ...Object.values(operations).flatMap(({ description }) => description),
      ]),
    ],
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
    const operation = this.getNodeParameter('operation', 0) as keyof typeof operations;
    try {
      return [await operations[operation].execute.call(this)];
    } catch (error) {
      throw asStorageFault(this.getNode(), error);
    }
  }
}
