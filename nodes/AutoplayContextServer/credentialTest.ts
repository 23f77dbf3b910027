import { credentialTest, wrongField } from '../shared/credentialTests';
import { askerFault, askerWith, type AskerKind } from './asker';

const KINDS: readonly AskerKind[] = ['agents', 'finToken', 'finSecret', 'hugo'];

/** Sees only that the secrets are usable: agents call n8n, and there is no address to try them at. */
export const autoplayContextTest = credentialTest(async (data) => {
  const faults = await Promise.all(KINDS.map((kind) => askerFault(askerWith(kind, data))));
  // A node says which one it uses, and looks for itself when it is published.
  if (faults.every((fault) => fault !== undefined)) {
    throw wrongField(
      'Nobody could ask with this credential',
      'Fill in the fields of who asks: the hints say which.',
    );
  }
  return 'There is what an asker needs. Whether it has the same secrets shows when it asks.';
});
