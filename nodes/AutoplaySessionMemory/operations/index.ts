import { memoryFields } from '../../shared/memory/fields';
import { routeOperations } from '../../shared/operations/router';
import { claimActivity } from './claimActivity';
import { forget } from './forget';
import { link } from './link';
import { listSessions } from './listSessions';
import { markDelivered } from './markDelivered';
import { markNotDelivered } from './markNotDelivered';
import { recall } from './recall';
import { recordChoice } from './recordChoice';
import { remember } from './remember';
import { reportOffers } from './reportOffers';
import { status } from './status';

export const router = routeOperations(
  // The order of the dropdown: what every workflow needs comes first.
  [
    remember,
    link,
    recall,
    listSessions,
    forget,
    status,
    claimActivity,
    markDelivered,
    markNotDelivered,
    recordChoice,
    reportOffers,
  ],
  { byDefault: 'remember', shared: memoryFields },
);
