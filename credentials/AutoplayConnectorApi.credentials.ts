import type { ICredentialType, Icon, INodeProperties } from 'n8n-workflow';

/** Where an Autoplay connector streams a product's activity, and the token it asks for. */
export class AutoplayConnectorApi implements ICredentialType {
  name = 'autoplayConnectorApi';

  displayName = 'Autoplay Connector API';

  icon: Icon = {
    light: 'file:../nodes/AutoplayStreamTrigger/autoplay.svg',
    dark: 'file:../nodes/AutoplayStreamTrigger/autoplay.dark.svg',
  };

  documentationUrl = 'https://developers.autoplay.ai';

  // Tested by the Autoplay Stream Trigger: a test request made here would wait for the end of an
  // answer that has none.
  properties: INodeProperties[] = [
    {
      displayName: 'Stream URL',
      name: 'streamUrl',
      type: 'string',
      required: true,
      default: '',
      placeholder: 'e.g. https://your-connector.onrender.com/stream/your-product-id',
      hint: 'The full stream URL from Autoplay. It ends in /stream/ and your product ID.',
    },
    {
      displayName: 'Token',
      name: 'token',
      type: 'string',
      typeOptions: { password: true },
      default: '',
      placeholder: 'e.g. uk_live_…',
      hint: 'The token from Autoplay for this product. Leave empty if the connector needs none.',
    },
  ];
}
