import type { ICredentialType, Icon, INodeProperties } from 'n8n-workflow';

/** The secret that an Autoplay connector in push mode proves itself with. */
export class AutoplayPushApi implements ICredentialType {
  name = 'autoplayPushApi';

  displayName = 'Autoplay Push API';

  icon: Icon = {
    light: 'file:../nodes/AutoplayPushTrigger/push.svg',
    dark: 'file:../nodes/AutoplayPushTrigger/push.dark.svg',
  };

  documentationUrl = 'https://developers.autoplay.ai';

  // Tested by the Autoplay Push Trigger: there is no address to ask, the connector comes to us.
  properties: INodeProperties[] = [
    {
      displayName: 'Secret',
      name: 'secret',
      type: 'string',
      typeOptions: { password: true },
      required: true,
      default: '',
      hint: 'The secret set for the product in Autoplay. Without it, every delivery is refused. The test only checks that there is one.',
    },
  ];
}
