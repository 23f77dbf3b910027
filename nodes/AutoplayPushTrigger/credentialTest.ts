import { isSecret } from '../../core/http/signature';
import { credentialTest, wrongField } from '../shared/credentialTests';

/** Sees only that there is a secret: the connector calls n8n, and there is no address to try it at. */
export const autoplayPushTest = credentialTest(async ({ secret }) => {
  if (!isSecret(String(secret ?? '').trim())) {
    throw wrongField('Without a secret every delivery is refused.');
  }
  return 'There is a secret. Whether the connector has the same one shows when it pushes.';
});
