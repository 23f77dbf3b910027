import type { INodeProperties } from 'n8n-workflow';
import { identifyVisitor } from '../../../core/crisp/visitor';
import { textOrNull } from '../../../core/values';
import { crispFor } from '../../shared/crisp';
import { conversationOf, optionsField } from '../../shared/operations/fields';
import { operation } from '../../shared/operations/operation';
import { choiceField } from '../../shared/operations/parameters';
import { conversation } from './fields';

const identifyBy = choiceField({
  displayName: 'Identify By',
  name: 'identifyBy',
  type: 'options',
  options: [
    {
      name: 'Session Data, Then Email',
      value: 'sessionData',
      description:
        "Session ID, user ID and email address. A visitor can guess someone else's user ID or address.",
    },
    {
      name: 'Session ID Only',
      value: 'sessionId',
      description: 'The session ID from your site. No one can guess another session ID.',
    },
    {
      name: 'Verified Email Only',
      value: 'verifiedEmail',
      description: 'An email address that Crisp reports as verified',
    },
  ],
  default: 'sessionData',
  description: 'Which information about the visitor to trust',
});

// The site's snippet writes these keys, see docs/setup-crisp.md.
const sessionIdKey: INodeProperties = {
  displayName: 'Session ID Key',
  name: 'sessionIdKey',
  type: 'string',
  default: 'posthog_session_id',
  description: "The session data key of PostHog's session ID",
};
const userIdKey: INodeProperties = {
  displayName: 'User ID Key',
  name: 'userIdKey',
  type: 'string',
  default: 'posthog_distinct_id',
  description: "The session data key of PostHog's distinct ID",
};

/** Each item with `session_id`, `user_id` and `email` (null where unknown), `name`, and all of `visitor`. */
export const getVisitor = operation({
  value: 'get',
  name: 'Get',
  action: 'Get a visitor',
  description: 'Get the visitor of a conversation, and which session is theirs',
  title: 'Get Visitor',
  fields: [
    conversation,
    identifyBy,
    {
      ...optionsField(sessionIdKey, userIdKey),
      displayOptions: { show: { identifyBy: ['sessionData', 'sessionId'] } },
    },
  ],
  prepare: (context) => crispFor(context),
  async run(item, { api }) {
    const conversation_id = conversationOf(item);
    const { visitor, identity } = await identifyVisitor(
      api,
      conversation_id,
      item.choice(identifyBy),
      { sessionId: item.options.text(sessionIdKey), userId: item.options.text(userIdKey) },
    );
    const name = textOrNull(visitor.nickname);
    return { json: { conversation_id, ...identity, name, visitor: { ...visitor } } };
  },
});
