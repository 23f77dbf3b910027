import type { INodeProperties } from 'n8n-workflow';
import type { Item } from '../../shared/operations/run';

export const author: INodeProperties = {
  displayName: 'Author Nickname',
  name: 'noteNickname',
  type: 'string',
  displayOptions: {
    show: {
      resource: ['activity', 'note'],
      operation: ['deliver', 'replaceWithSummary', 'post'],
    },
  },
  default: 'Autoplay',
  description: 'The author of notes. If empty, the website is shown.',
};

/** The author of an item's notes; '' for the website. */
export const nicknameOf = (item: Item) => item.text(author);
