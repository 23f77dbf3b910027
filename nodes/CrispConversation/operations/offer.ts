import type { INodeProperties } from 'n8n-workflow';
import type { EmailMatch } from '../../../core/crisp/offers';
import { crispFor } from '../../shared/crisp';
import { offerResource, onlyWhileThere } from '../../shared/offers';
import { choiceField } from '../../shared/operations/parameters';

const offerNickname: INodeProperties = {
  displayName: 'Nickname',
  name: 'offerNickname',
  type: 'string',
  default: '',
  placeholder: 'e.g. Copilot',
  description: 'Who makes the offer. If empty, the website is shown.',
};

const crispSession: INodeProperties = {
  displayName: 'Crisp Session ID',
  name: 'crispSessionId',
  type: 'string',
  default: '={{ $json.crisp_session_id }}',
  description:
    "The visitor's session in Crisp, where your page tells it. Needed only if the session is not linked.",
};

const continuityToken: INodeProperties = {
  displayName: 'Continuity Token',
  name: 'continuityToken',
  type: 'string',
  typeOptions: { password: true },
  default: '',
  description: 'The CRISP_TOKEN_ID with which your site lets Crisp know the visitor: an expression',
};

const findByEmail = choiceField<EmailMatch>({
  displayName: 'Find by Email',
  name: 'findByEmail',
  type: 'options',
  options: [
    { name: 'All Addresses', value: 'all', description: 'A visitor can type any address' },
    { name: 'Never', value: 'none' },
    { name: 'Verified Addresses', value: 'verified', description: 'Those Crisp has verified' },
  ],
  default: 'verified',
  description:
    'Whether to look for the address among the visitors who are online. Costs up to 3 calls.',
});

export const offer = offerResource({
  // No option: the default of one that was not added is not evaluated.
  fields: [offerNickname, crispSession],
  options: [continuityToken, findByEmail, onlyWhileThere],
  async prepare(context) {
    const { gate, offers } = await crispFor(context);
    return {
      isAway: () => gate.isAway(),
      channel: async (item) =>
        offers({
          nickname: item.text(offerNickname),
          sessionId: item.id(crispSession) ?? '',
          token: item.options.text(continuityToken),
          emailMatch: item.options.choice(findByEmail),
          onlyWhileThere: item.options.isOn(onlyWhileThere),
        }),
    };
  },
});
