import { NodeOperationError, type IDataObject, type INodeProperties } from 'n8n-workflow';
import type { VisitorMeta } from '../../../../core/crisp/api';
import { textOrNull } from '../../../../core/values';
import { personIdOrNull } from '../../../../core/identity';
import { conversationField, conversationOf, own, type Execute } from '../../../shared/actions';
import { crispFor } from '../../../shared/crisp';
import { eachItem, passedOn } from '../../../shared/items';
import { TRIGGER } from '../fields';

const show = { resource: ['visitor'], operation: ['get'] };

/** What the site's snippet writes, see docs/setup-crisp.md. */
const SESSION_ID_KEY = 'posthog_session_id';
const USER_ID_KEY = 'posthog_distinct_id';

export const fields: INodeProperties[] = [
  conversationField(show, TRIGGER),
  {
    displayName: 'Identify By',
    name: 'identifyBy',
    type: 'options',
    displayOptions: { show },
    options: [
      {
        name: 'Session Data, Then Email',
        value: 'sessionData',
        description:
          "What the site's snippet told Crisp, and the email address. Both come from the visitor: somebody else's user ID or address can be guessed.",
      },
      {
        name: 'Session ID Only',
        value: 'sessionId',
        description: "The session ID that the snippet told; somebody else's cannot be guessed",
      },
      {
        name: 'Verified Email Only',
        value: 'verifiedEmail',
        description: 'Nothing but an email address that Crisp holds to be verified',
      },
    ],
    default: 'sessionData',
    description: 'What is believed of who the visitor is',
  },
  {
    displayName: 'Options',
    name: 'options',
    type: 'collection',
    placeholder: 'Add option',
    displayOptions: { show: { ...show, identifyBy: ['sessionData', 'sessionId'] } },
    default: {},
    options: [
      {
        displayName: 'Session ID Key',
        name: 'sessionIdKey',
        type: 'string',
        default: SESSION_ID_KEY,
        description: "The key of the session data that holds PostHog's session ID",
      },
      {
        displayName: 'User ID Key',
        name: 'userIdKey',
        type: 'string',
        default: USER_ID_KEY,
        description: "The key of the session data that holds PostHog's distinct ID",
      },
    ],
  },
];

interface Options {
  sessionIdKey?: string;
  userIdKey?: string;
}

/** Each item with `session_id`, `user_id` and `email` (null where unknown), `name`, and all of `visitor`. */
export const execute: Execute = async function () {
  const prepare = () => crispFor(this);
  const items = await eachItem(this, prepare, async ({ api }, { json }, item) => {
    const conversationId = conversationOf(this, item);
    const options = this.getNodeParameter('options', item, {}) as Options;
    const identifyBy = this.getNodeParameter('identifyBy', item) as string;
    const believe = own(believed, identifyBy);
    if (!believe) {
      throw new NodeOperationError(this.getNode(), `Nobody can be identified by "${identifyBy}"`, {
        itemIndex: item,
        description: 'Choose Identify By anew in the panel of the node.',
      });
    }
    const { visitor, isVerified } =
      identifyBy === 'verifiedEmail'
        ? await api.verification(conversationId)
        : { visitor: await api.visitor(conversationId), isVerified: false };
    const claims = claimsOf(visitor, options);
    const identity = { ...NOBODY, ...believe(claims, isVerified) };
    const name = textOrNull(visitor.nickname);
    const seen = { ...identity, name, visitor: visitor as unknown as IDataObject };
    return [{ json: { ...passedOn(this, json), conversation_id: conversationId, ...seen } }];
  });
  return [items];
};

type Identity = Record<'session_id' | 'user_id' | 'email', string | null>;

const NOBODY: Identity = { session_id: null, user_id: null, email: null };

/** What is believed of the claims, by the parameter Identify By. */
const believed: Record<string, (claims: Identity, isVerified: boolean) => Partial<Identity>> = {
  sessionData: (claims: Identity) => claims,
  sessionId: ({ session_id }: Identity) => ({ session_id }),
  verifiedEmail: ({ email }: Identity, isVerified: boolean) => (isVerified ? { email } : {}),
};

/** Who the visitor says to be: the session data and the email address come from their browser. */
function claimsOf(
  { data, email }: VisitorMeta,
  { sessionIdKey = SESSION_ID_KEY, userIdKey = USER_ID_KEY }: Options,
): Identity {
  return {
    session_id: personIdOrNull(data[sessionIdKey]),
    user_id: personIdOrNull(data[userIdKey]),
    email: personIdOrNull(email),
  };
}
