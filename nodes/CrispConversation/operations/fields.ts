import { conversationField } from '../../shared/operations/fields';

export const conversation = conversationField(
  'As it comes out of the Crisp Conversation Trigger or Session Memory',
);
