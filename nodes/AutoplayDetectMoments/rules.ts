import type { INodeProperties } from 'n8n-workflow';
import { DEFAULT_THRESHOLDS, RULE_NAMES } from '../../core/moments/defaults';
import type { Rule, RuleName, Thresholds } from '../../core/moments/types';
import { patternsFault } from '../../core/payload/pages';
import { commaSeparated } from '../../core/values';
import { choiceField, type Parameters, type Reader } from '../shared/operations/parameters';

// The rules as the panel shows them: what each is called, and a field for each of its thresholds.

const SECOND = 1_000;
const DAY = 24 * 3_600_000;

/** A threshold that the panel shows. Which thresholds a rule has follows from its defaults in core. */
interface Shown {
  /** The parameter's name, and what the panel calls it. */
  name: string;
  displayName: string;
  /** Milliseconds in one unit of a time. */
  unit?: number;
  description?: string;
}

interface ShownRule {
  displayName: string;
  description: string;
  thresholds: Record<string, Shown>;
}

const words = (description: string): Shown => ({
  name: 'words',
  displayName: 'Words',
  description: `${description}. Separate several with commas. Case does not matter.`,
});
const except: Shown = {
  name: 'except',
  displayName: 'Except',
  description:
    'Parts of the titles of what people click quickly on purpose. Separate several with commas.',
};
const within = (description = 'They have to lie within this time'): Shown => ({
  ...{ name: 'withinSeconds', displayName: 'Within (Seconds)', unit: SECOND, description },
});
const after = (description: string): Shown => ({
  ...{ name: 'afterSeconds', displayName: 'After (Seconds)', unit: SECOND, description },
});

const SHOWN: Record<RuleName, ShownRule> = {
  dead_click: {
    displayName: 'Dead Clicks',
    description: 'Clicks without effect in one stay on a page. Needs PostHog as the source.',
    thresholds: { clicks: { name: 'clicks', displayName: 'Clicks' } },
  },
  dwell: {
    displayName: 'Dwelling',
    description: 'A long stay on a page with few actions',
    thresholds: {
      afterMs: after('How long the stay lasts'),
      maxActions: {
        ...{ name: 'maxActions', displayName: 'Max Actions' },
        description: 'With more actions on the page, the visitor gets on by themselves',
      },
    },
  },
  failures: {
    displayName: 'Failures',
    description: 'Errors, clicks without effect, repeated submits, and actions with certain words',
    thresholds: {
      failures: { name: 'failures', displayName: 'Failures' },
      withinMs: within(),
      words: words('Parts of titles and descriptions that say that something failed'),
    },
  },
  first_in_section: {
    displayName: 'First Time in a Section',
    description: "A known person's first stay in a part of the product",
    thresholds: {
      sections: {
        ...{ name: 'sections', displayName: 'Sections' },
        description: 'How their paths begin, such as /reports. Separate several with commas.',
      },
      learnMs: {
        ...{ name: 'learnDays', displayName: 'Learn for (Days)', unit: DAY },
        description: 'Until then everything would be a first time, so the rule only learns',
      },
    },
  },
  form_left: {
    displayName: 'Form Left',
    description: 'Fields were filled in and not submitted, and the visitor left or went quiet',
    thresholds: {
      fields: { name: 'fields', displayName: 'Fields' },
      afterMs: after('How long nothing happens on the page of the form'),
      nextPages: {
        ...{ name: 'nextPages', displayName: 'Next Pages' },
        description: 'Pages to which the form leads by itself. Separate several with commas.',
      },
    },
  },
  idle: {
    displayName: 'Idle After Activity',
    description: 'Nothing for long after at least two actions on a page',
    thresholds: { afterMs: after('How long nothing happens; after five minutes nobody is there') },
  },
  nth_visit: {
    displayName: 'Repeated Visits',
    description: "A person's n-th visit to a page, in different sessions or half hours",
    thresholds: {
      visits: { name: 'visits', displayName: 'Visits' },
      withinMs: { name: 'withinDays', displayName: 'Within (Days)', unit: DAY },
    },
  },
  ping_pong: {
    displayName: 'Ping-Pong',
    description: 'There and back between two pages, again and again',
    thresholds: {
      cycles: {
        ...{ name: 'cycles', displayName: 'Times Back' },
        description: 'How often the visitor returns to the first page',
      },
      withinMs: within('The whole way has to lie within this time'),
      longestStayMs: {
        ...{ name: 'longestStaySeconds', displayName: 'Longest Stay (Seconds)', unit: SECOND },
        description: 'A longer stay on a page is reading, not searching',
      },
    },
  },
  rage_click: {
    displayName: 'Rage Clicks',
    description: 'Quick clicks on the same thing',
    thresholds: {
      clicks: { name: 'clicks', displayName: 'Clicks' },
      gapMs: {
        ...{ name: 'gapSeconds', displayName: 'Pause (Seconds)', unit: SECOND },
        description: 'The longest pause between two of the clicks',
      },
      except,
    },
  },
  repeated_click: {
    displayName: 'Repeated Clicks',
    description: 'Clicks on the same thing while the page stays',
    thresholds: {
      clicks: { name: 'clicks', displayName: 'Clicks' },
      withinMs: within(),
      except,
    },
  },
  return: {
    displayName: 'Return After Days',
    description: 'A known person is back after days, and on their second page',
    thresholds: { afterMs: { name: 'afterDays', displayName: 'After (Days)', unit: DAY } },
  },
  search_without_result: {
    displayName: 'Search Without Result',
    description: 'The page says that it found nothing, or several searches without a click between',
    thresholds: {
      searches: { name: 'searches', displayName: 'Searches' },
      withinMs: within(),
      words: words('What the page says when it found nothing'),
    },
  },
  stuck_step: {
    displayName: 'Stuck Step',
    description: 'The visitor keeps acting on one page without completing the step',
    thresholds: {
      afterMs: after('How long the stay lasts'),
      goals: {
        ...{ name: 'goals', displayName: 'Ends With' },
        description:
          'Parts of the titles of what ends the step, such as Create Project. Separate several with commas.',
      },
    },
  },
};

const rule = choiceField<RuleName>({
  displayName: 'Rule',
  name: 'rule',
  type: 'options',
  options: (Object.entries(SHOWN) as Array<[RuleName, ShownRule]>).map(
    ([value, { displayName: name, description }]) => ({ name, value, description }),
  ),
  default: 'dwell',
});

/** The field of one threshold, with its default. */
function fieldOf(name: RuleName, threshold: string, shown: Shown): INodeProperties {
  const given = (DEFAULT_THRESHOLDS[name] as Record<string, number | readonly string[]>)[threshold];
  const { unit = 1, description = '' } = shown;
  const field = { name: shown.name, displayName: shown.displayName, description };
  return typeof given === 'number'
    ? {
        ...field,
        type: 'number',
        typeOptions: { minValue: unit === 1 ? 1 : 0.1 },
        default: given / unit,
      }
    : { ...field, type: 'string', default: (given ?? []).join(', ') };
}

/** One field for all rules that show it alike. */
function thresholdFields(): INodeProperties[] {
  const fields = new Map<string, { field: INodeProperties; rules: RuleName[] }>();
  for (const name of RULE_NAMES) {
    for (const [threshold, shown] of Object.entries(SHOWN[name].thresholds)) {
      const field = fieldOf(name, threshold, shown);
      const key = JSON.stringify(field);
      const known = fields.get(key) ?? { field, rules: [] };
      fields.set(key, known);
      known.rules.push(name);
    }
  }
  return [...fields.values()].map(({ field, rules }) => ({
    ...field,
    displayOptions: { show: { rule: rules } },
  }));
}

const name: INodeProperties = {
  displayName: 'Name',
  name: 'name',
  type: 'string',
  default: '',
  placeholder: 'e.g. Lost on pricing',
  description: 'What reports call it. Tells two rules of the same kind apart.',
};

const pages: INodeProperties = {
  displayName: 'Only on Pages',
  name: 'pages',
  type: 'string',
  default: '',
  placeholder: 'e.g. /pricing, /settings/*',
  description:
    'Where the rule holds; everywhere if empty. Paths, with an asterisk for any characters. Separate several with commas.',
};

const audience = choiceField<Rule['scope']['audience']>({
  displayName: 'Only for',
  name: 'audience',
  type: 'options',
  options: [
    { name: 'Everyone', value: 'everyone' },
    { name: 'Signed-in Visitors', value: 'signed_in' },
    { name: 'Visitors Who Have Not Signed in', value: 'anonymous' },
  ],
  default: 'everyone',
});

const once = choiceField<Rule['once']>({
  displayName: 'Fires Once per',
  name: 'once',
  type: 'options',
  options: [
    { name: 'Session', value: 'session' },
    { name: 'Page and Session', value: 'page' },
  ],
  default: 'session',
});

const products: INodeProperties = {
  displayName: 'Only in Products',
  name: 'products',
  type: 'string',
  default: '',
  description: 'Product IDs, if one memory holds several. Separate them with commas.',
};

/** The rules of an untouched node: they need no setting, and any source serves them. */
const BY_DEFAULT: RuleName[] = ['failures', 'rage_click', 'ping_pong', 'form_left', 'dwell'];

export const rulesField: INodeProperties = {
  displayName: 'Rules',
  name: 'rules',
  type: 'fixedCollection',
  placeholder: 'Add Rule',
  typeOptions: { multipleValues: true, sortable: true },
  default: { rule: BY_DEFAULT.map((one) => ({ rule: one })) },
  description: 'What makes a moment. Of several that fire at once, the first comes first.',
  options: [
    {
      displayName: 'Rule',
      name: 'rule',
      values: [rule, ...thresholdFields(), pages, audience, once, name, products],
    },
  ],
};

/** The texts of a field that separates them with commas. */
const several = (reader: Reader, field: INodeProperties) => commaSeparated(reader.text(field));

/** Reads the rules. @throws NodeOperationError for one that cannot be used */
export function readRules(parameters: Parameters): Rule[] {
  return parameters.entries(rulesField, 'rule').map((reader) => {
    const chosen = reader.choice(rule);
    const shown = SHOWN[chosen];
    const thresholds = Object.entries(shown.thresholds).map(([threshold, one]) => {
      const field = fieldOf(chosen, threshold, one);
      if (field.type === 'string') return [threshold, lowerCase(several(reader, field))];
      const { unit } = one;
      return [threshold, unit ? reader.milliseconds(field, unit) : reader.count(field)];
    });
    const scope = {
      pages: several(reader, pages),
      products: several(reader, products),
      audience: reader.choice(audience),
    };
    const fault = patternsFault(scope.pages);
    if (fault) {
      throw reader.fault(
        `The rule "${shown.displayName}" cannot be used: ${fault}`,
        'Correct "Only on Pages" in the node. A pattern is a path such as /settings/*.',
      );
    }
    return {
      ...(Object.fromEntries(thresholds) as Thresholds[RuleName]),
      ...{ rule: chosen, name: reader.text(name) || shown.displayName, scope },
      once: reader.choice(once),
    } as Rule;
  });
}

const lowerCase = (texts: readonly string[]) => texts.map((one) => one.toLowerCase());
