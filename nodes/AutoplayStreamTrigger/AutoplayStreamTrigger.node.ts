import {
  NodeConnectionTypes,
  type INodeType,
  type INodeTypeDescription,
  type ITriggerFunctions,
  type ITriggerResponse,
} from 'n8n-workflow';
import { systemClock } from '../../core/clock';
import { fetchOverHelper, type HelperFunction } from '../../core/http/fetchOverHelper';
import { FILTER_VERSIONS, filterFields } from '../shared/batching/filters';
import { followSource } from '../shared/batching/followSource';
import { listenOnce } from '../shared/batching/manual';
import { memoryCredential, storageFields } from '../shared/memory/fields';
import { problemError } from '../shared/nodeErrors';
import { connectorSource, NAME, TEST_ADVICE } from './connector';
import { autoplayConnectorTest } from './credentialTest';
import { options } from './options';
import { readConnection, readSettings } from './settings';

const TRY_IT =
  '<b>While building your workflow</b>, click the test button and then click around in your product. The first activity that arrives shows up in this editor.';

/** Follows a product's live activity and starts executions with what each visitor did. */
export class AutoplayStreamTrigger implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Autoplay Stream Trigger',
    name: 'autoplayStreamTrigger',
    icon: { light: 'file:autoplay.svg', dark: 'file:autoplay.dark.svg' },
    group: ['trigger'],
    version: FILTER_VERSIONS,
    subtitle: 'Live visitor activity',
    description:
      'Starts the workflow when visitors act in your product, streamed live by Autoplay. The trigger most workflows need.',
    eventTriggerDescription: 'Waiting for activity: click around in your product',
    activationMessage:
      'The workflow now follows what visitors do in your product. Click around in it to see executions.',
    defaults: { name: 'Autoplay Stream Trigger' },
    inputs: [],
    outputs: [NodeConnectionTypes.Main],
    credentials: [
      { name: 'autoplayConnectorApi', required: true, testedBy: 'autoplayConnectorTest' },
      memoryCredential,
    ],
    triggerPanel: {
      header: 'Listen to your product',
      executionsHelp: {
        inactive: `${TRY_IT}<br /><br /><b>Once you are happy with your workflow</b>, publish it to listen all the time. Its executions show up in the <a data-key='executions'>executions list</a>, but not in the editor.`,
        active: `${TRY_IT}<br /><br /><b>Your published workflow listens all the time.</b> Those executions show up in the <a data-key='executions'>executions list</a>, but not in the editor.`,
      },
      activationHint:
        'Once you have finished building your workflow, publish it to have it listen all the time.',
    },
    properties: [
      {
        displayName:
          'Each item is one session: the visitor, as far as known, and their new actions. Add <b>Autoplay Session Memory: Remember</b> next.',
        name: 'itemsNotice',
        type: 'notice',
        default: '',
      },
      ...filterFields,
      ...storageFields,
      options,
    ],
  };

  methods = { credentialTest: { autoplayConnectorTest } };

  async trigger(this: ITriggerFunctions): Promise<ITriggerResponse> {
    const settings = await readSettings(this);
    const helper = this.helpers.httpRequest as HelperFunction;
    const connection = {
      settings,
      // n8n's helper and not the global fetch: it knows the proxy and the addresses n8n may not call.
      fetch: fetchOverHelper(helper, {
        // The watchdog comes first; the helper's own limit would cut longer silences short.
        timeoutMs: settings.options.silenceBeforeReconnecting * 1_000 + 5_000,
      }),
      clock: systemClock,
      random: Math.random,
      logger: this.logger,
    };
    const parts = { name: NAME, settings, clock: systemClock, logger: this.logger };
    if (this.getMode() === 'manual') {
      const open = connectorSource(connection);
      // A test ends with its problem: nothing happens afterwards.
      return listenOnce(this, { ...parts, ...TEST_ADVICE, open }, ({ afterwards: _, ...problem }) =>
        problemError(this.getNode(), problem),
      );
    }
    return await followSource(this, {
      ...parts,
      // A credential without expressions can be read later, too: a token mended there is used.
      open: connectorSource({
        ...connection,
        refresh: async () => await readConnection(this),
        backfill: settings.backfill ? fetchOverHelper(helper, { timeoutMs: 20_000 }) : undefined,
      }),
    });
  }
}
