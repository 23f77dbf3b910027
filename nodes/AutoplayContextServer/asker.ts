import type { IHookFunctions, IWebhookFunctions } from 'n8n-workflow';
import type { Asker } from '../../core/agents/ask';
import { tokenKeyFault, type TokenAlgorithm } from '../../core/agents/userToken';
import { credentialFields } from '../shared/credentialFields';
import type { SecretFault } from '../shared/webhookSecret';
import { triggerParameters } from '../shared/operations/parameters';
import { identity, whoAsks } from './description';

const CONTEXT_CREDENTIAL = 'autoplayContextApi';

const contextFields = credentialFields(
  'algorithm',
  'tokenSecret',
  'publicKey',
  'audience',
  'signingSecret',
  'previousSigningSecret',
  'websiteId',
  'token',
);

/** Who may ask a node, as its parameters say. */
export type AskerKind = Asker['kind'];

type Context = Pick<
  IHookFunctions | IWebhookFunctions,
  'getNode' | 'getNodeParameter' | 'getCredentials'
>;

/** Who may ask the node, with what they prove themselves with. @throws NodeOperationError for odd parameters */
export async function readAsker(context: Context): Promise<Asker> {
  const parameters = triggerParameters(context);
  const who = parameters.choice(whoAsks);
  const kind = who !== 'fin' ? who : finKinds[parameters.choice(identity)];
  const isChosen = context.getNode().credentials?.[CONTEXT_CREDENTIAL];
  const credential = isChosen ? await context.getCredentials(CONTEXT_CREDENTIAL) : {};
  return askerWith(kind, credential);
}

const finKinds = { userToken: 'finToken', fixedSecret: 'finSecret' } as const;

/** An asker of a kind, with the credential's fields. */
export function askerWith(kind: AskerKind, credential: object): Asker {
  const fields = contextFields(credential);
  const { token, signingSecret, previousSigningSecret, websiteId } = fields;
  switch (kind) {
    case 'finToken': {
      const algorithm = ALGORITHMS.find((one) => one === fields.algorithm) ?? 'HS256';
      const key = algorithm === 'HS256' ? fields.tokenSecret : fields.publicKey;
      return { kind, rules: { algorithm, key, audience: fields.audience } };
    }
    case 'finSecret':
      return { kind, secret: token };
    case 'hugo': {
      const secrets = [signingSecret, previousSigningSecret].filter(Boolean);
      return { kind, rules: { secrets, websiteId }, token };
    }
    case 'agents':
      return { kind, token };
  }
}

const ALGORITHMS: readonly TokenAlgorithm[] = ['HS256', 'RS256', 'ES256'];

/** A token that is shorter could be guessed, in characters. */
const LEAST_TOKEN = 16;

/** Why the asker would always be refused, or an attacker accepted; undefined for neither. */
export async function askerFault(asker: Asker): Promise<SecretFault | undefined> {
  switch (asker.kind) {
    case 'finToken': {
      const fault = asker.rules.key === '' ? 'There is no key for User tokens.' : undefined;
      const description = fault ?? (await tokenKeyFault(asker.rules));
      if (description === undefined) return undefined;
      return {
        message:
          'The credential cannot check User tokens, so every question of Fin would be refused',
        description: `${description} Fill in User Token Secret or User Token Public Key in the Autoplay Context API credential.`,
      };
    }
    case 'hugo': {
      if (asker.rules.secrets.length === 0) return missing('Signing Secret', 'Hugo');
      if (asker.rules.websiteId === '') return missing('Website ID', 'Hugo');
      return asker.token === '' ? undefined : tokenFault(asker.token);
    }
    case 'finSecret':
      return asker.secret === '' ? missing('Secret Token', 'Fin') : tokenFault(asker.secret);
    case 'agents':
      return asker.token === '' ? missing('Secret Token', 'your agents') : tokenFault(asker.token);
  }
}

function missing(field: string, who: string): SecretFault {
  return {
    message: `The credential has no ${field}, so every question of ${who} would be refused`,
    description: `Fill in ${field} in the Autoplay Context API credential.`,
  };
}

function tokenFault(token: string): SecretFault | undefined {
  if (token.length >= LEAST_TOKEN) return undefined;
  return {
    message: `The Secret Token has fewer than ${LEAST_TOKEN} characters, so it could be guessed`,
    description:
      'Make up a long random one, for the Autoplay Context API credential and for who sends it.',
  };
}
