import { credentialTest, wrongField } from '../shared/credentialTests';
import { askerFault, askerWith, type AskerKind } from './asker';

/** Which ways to prove oneself a choice in the credential stands for. */
const KINDS: Readonly<Record<string, readonly AskerKind[]>> = {
  fin: ['finToken', 'finSecret'],
  hugo: ['hugo'],
  agents: ['agents'],
};

/** Sees only that the secrets are usable: agents call n8n, and there is no address to try them at. */
export const autoplayContextTest = credentialTest(async (data) => {
  const kinds = KINDS[String(data.whoAsks)] ?? KINDS.fin!;
  const faults = await Promise.all(kinds.map((kind) => askerFault(askerWith(kind, data))));
  // Fin needs one of two, and a node says which one it uses.
  if (faults.every((fault) => fault !== undefined)) {
    throw wrongField(faults[0]!.message, faults[0]!.description);
  }
  return 'The secrets are usable. Whether the asker has the same ones shows when it asks.';
});
