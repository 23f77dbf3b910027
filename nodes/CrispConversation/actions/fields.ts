import type { IExecuteFunctions } from 'n8n-workflow';

export const TRIGGER = 'Crisp Conversation Trigger';

/** Whom notes come from; '' for the website. */
export function nicknameOf(context: IExecuteFunctions, item: number): string {
  return String(context.getNodeParameter('noteNickname', item, '') ?? '').trim();
}
