import { memoryFields } from '../../shared/memory/fields';
import { routeOperations } from '../../shared/operations/router';
import { claimActivity } from './claimActivity';
import { forget } from './forget';
import { link } from './link';
import { markDelivered } from './markDelivered';
import { markNotDelivered } from './markNotDelivered';
import { recall } from './recall';
import { remember } from './remember';

export const router = routeOperations(
  // The order of the dropdown: what every workflow needs comes first.
  [remember, link, recall, forget, claimActivity, markDelivered, markNotDelivered],
  { byDefault: 'remember', shared: memoryFields },
);
