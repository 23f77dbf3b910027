import { LeaseLostError } from '../../../core/memory/types';
import { sessionName } from '../../../core/text/sessionName';

it('names a session by its id, and nobody by who they are', () => {
  expect(sessionName('ps_1')).toBe('session ps_1');
  for (const id of ['user:ada', 'email:ada@example.com']) {
    expect(sessionName(id)).toBe('a session without an id');
    expect(new LeaseLostError(id).message).not.toContain('ada');
  }
});
