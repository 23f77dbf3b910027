import { crispFor } from '../../shared/crisp';
import { removeNote } from '../../shared/note';
import { conversation } from './fields';

/** Counts a note as deleted also when it, or its whole conversation, had been deleted before. */
export const deleteNote = removeNote({
  verb: 'delete',
  past: 'deleted',
  description: 'Delete a note permanently',
  conversation,
  alias: 'Crisp calls it the fingerprint',
  destination: async (context) => (await crispFor(context)).destination(''),
  missing: () => true,
});
