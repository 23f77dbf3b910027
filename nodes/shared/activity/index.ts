import { memoryFields } from '../memory/fields';
import type { Resource } from '../operations/router';
import { deliverTo } from './deliver';
import { replaceIn } from './replaceWithSummary';
import type { DestinationOf } from './setUp';

/** The resource Activity, which is the same in every chat product. */
export function activityResource(destinationOf: DestinationOf): Resource {
  return {
    value: 'activity',
    name: 'Activity',
    byDefault: 'deliver',
    operations: [deliverTo(destinationOf), replaceIn(destinationOf)],
    fields: memoryFields,
  };
}
