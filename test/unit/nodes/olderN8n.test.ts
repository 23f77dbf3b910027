import { NodeOperationError, type INode } from 'n8n-workflow';
import { showFailed } from '../../../nodes/shared/batching/showFailed';
import { readSurroundings } from '../../../nodes/shared/batching/surroundings';

// What triggers use of n8n and older versions, 2.0 among them, do not have.

const node = { name: 'Autoplay Stream' } as INode;
const error = new NodeOperationError(node, 'The token was refused');

it('an error is a failed execution where n8n can show one, else it is logged', () => {
  const logger = { error: jest.fn() };
  const saveFailedExecution = jest.fn();
  const context = { getNode: () => node, logger } as never as Parameters<typeof showFailed>[0];
  showFailed({ ...context, saveFailedExecution }, error);
  expect(saveFailedExecution).toHaveBeenCalledWith(error);
  expect(logger.error).not.toHaveBeenCalled();
  showFailed(context, error);
  expect(logger.error).toHaveBeenCalledWith('Autoplay Stream: The token was refused');
});

it('a workflow has no time limit of its own where n8n does not tell', () => {
  const context = { getNode: () => node, getChildNodes: () => [] };
  expect(readSurroundings(context).executionTimeout).toBe(0);
  const limited = { ...context, getWorkflowSettings: () => ({ executionTimeout: 60 }) };
  expect(readSurroundings(limited).executionTimeout).toBe(60);
});
