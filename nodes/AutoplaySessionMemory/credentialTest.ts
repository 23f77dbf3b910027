import { credentialTest } from '../shared/credentialTests';
import { serverOf } from '../shared/memory/settings';
import { openStorage, tryServer } from '../shared/memory/storage';

/** Opens the storage; on a server, without changing anything there. */
export const autoplayMemoryTest = credentialTest(async (fields, context) => {
  const storage = String(fields.storage ?? 'sqlite');
  if (storage === 'postgres') await tryServer(serverOf(fields));
  else await openStorage(context, { storage }).expire();
  return 'The memory can be used';
});
