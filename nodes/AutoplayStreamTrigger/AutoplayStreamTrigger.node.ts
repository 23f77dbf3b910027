import {
  NodeOperationError,
  type INodeType,
  type ITriggerFunctions,
  type ITriggerResponse,
} from 'n8n-workflow';
import { systemClock } from '../../core/clock';
import { fetchOverHelper, type HelperFunction } from '../../core/http/fetchOverHelper';
import type { Problem } from '../../core/stream/problems';
import { autoplayConnectorTest } from './credentialTest';
import { description } from './description';
import { createExecutions } from './executions';
import { createListener } from './listener';
import { listenOnce } from './manual';
import { readSettings } from './settings';

/** Follows a product's live activity and starts executions with what each visitor did. */
export class AutoplayStreamTrigger implements INodeType {
  description = description;

  methods = { credentialTest: { autoplayConnectorTest } };

  async trigger(this: ITriggerFunctions): Promise<ITriggerResponse> {
    const settings = await readSettings(this);
    const closing = new AbortController();
    const parts = {
      settings,
      // n8n's helper and not the global fetch: it knows the proxy and the addresses n8n may not call.
      fetch: fetchOverHelper(this.helpers.httpRequest as HelperFunction, {
        // The watchdog comes first; the helper's own limit would cut longer silences short.
        timeoutMs: settings.options.silenceBeforeReconnecting * 1_000 + 5_000,
      }),
      clock: systemClock,
      random: Math.random,
      logger: this.logger,
    };
    const asError = ({ message, advice }: Problem) => {
      const error = new NodeOperationError(this.getNode(), message, { description: advice });
      // n8n replaces a message in which it finds an error code by general words of its own.
      error.message = message;
      return error;
    };
    if (this.getMode() === 'manual') return listenOnce(this, parts, asError);

    const listener = createListener({
      ...parts,
      execute: createExecutions(this, {
        clock: systemClock,
        executionTimeout: settings.executionTimeout,
        signal: closing.signal,
      }),
      // Not emitError: that closes this listener and registers another, five times and then never.
      onProblem: (problem) => this.saveFailedExecution(asError(problem)),
    });
    listener.start();
    return {
      closeFunction: async () => {
        await listener.close();
        closing.abort();
      },
    };
  }
}
