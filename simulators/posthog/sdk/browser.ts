import type { Clock } from '../../../core/clock';
import { hex, type Random, uuid7 } from '../../random';
import type { SdkEvent } from '../capture/body';
import { type DomElement, pathOf } from './dom';
import { toChain } from './elementsChain';

interface BrowserOptions {
  /** Gets each event, as `capture` of the simulator does. */
  capture(event: SdkEvent): void;
  clock: Clock;
  random: Random;
  /** The website, without a slash at the end. */
  origin?: string;
  /** How far the clock of the visitor's computer is ahead, in milliseconds. Default 0. */
  skewMs?: number;
  agent?: string;
  /** The session that goes on. Default: a new one. */
  sessionId?: string;
  /** The person that an earlier visit has identified. Default: none. */
  userId?: string;
  /** Whether the site does without cookies: no visitor can be told from another. Default false. */
  cookieless?: boolean;
}

/** What happened, apart from what every event has. */
type Properties = Record<string, unknown>;

/** Where something happens within an event's time. */
interface When {
  /** Milliseconds ago. Default 0. */
  ago?: number;
}

/** One window with the website in it. */
export interface Tab {
  readonly windowId: string;
  /** The page is another one now, loaded or not. @param address with its query */
  view(address: string, title: string, when?: When): void;
  click(document: DomElement, target: DomElement, when?: When): void;
  /** A field or a form was changed or sent. What is in it is not told. */
  change(document: DomElement, target: DomElement, when?: When): void;
  submit(document: DomElement, target: DomElement, when?: When): void;
  /** The third of three clicks within a second: the rage click is sent before it. */
  angryClick(document: DomElement, target: DomElement, when?: When): void;
  /** All three of them. */
  rage(document: DomElement, target: DomElement, when?: When): void;
  /** A click after which nothing happens; 2.75 s later, that is sent as well. */
  deadClick(document: DomElement, target: DomElement, when?: When): void;
  custom(name: string, properties?: Properties, when?: When): void;
  exception(type: string, value: string, when?: When): void;
  leave(): void;
}

/** A visitor's browser with posthog-js in it. */
export interface SdkBrowser {
  readonly deviceId: string;
  readonly sessionId: string;
  distinctId(): string;
  tab(): Tab;
  /** The visitor says who they are. Sent only while they are anonymous, as posthog-js does. */
  identify(userId: string, set?: Properties, when?: When): void;
}

const USUAL_AGENT =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';
const COOKIELESS = '$posthog_cookieless';
const DEAD_AFTER_MS = 2_750;
/** Between the clicks of a person who is angry. */
const RAGE_MS = 180;

/** Acts as posthog-js does in a browser; what it really sends is in test/fixtures/posthog. */
export function createBrowser(options: BrowserOptions): SdkBrowser {
  const { capture, clock, random, origin = 'https://app.northwindboards.example' } = options;
  const { skewMs = 0, agent = USUAL_AGENT, cookieless = false } = options;
  const deviceId = uuid7(random, clock.now());
  const sessionId = options.sessionId ?? uuid7(random, clock.now());
  let userId = options.userId;
  const distinctId = (): string => (cookieless ? COOKIELESS : (userId ?? deviceId));
  let last: Place | undefined;

  const send = (
    event: string,
    properties: Properties,
    place: Place | undefined,
    { ago = 0, ...more }: When & Partial<SdkEvent> = {},
  ): void => {
    const identity = cookieless
      ? { $cookieless_mode: true, $device_id: null }
      : { $session_id: sessionId, $window_id: place?.windowId ?? '', $device_id: deviceId };
    capture({
      event,
      uuid: uuid7(random, clock.now()),
      offset: ago,
      ...more,
      properties: {
        $os: 'Linux',
        $browser: 'Chrome',
        $device_type: 'Desktop',
        $raw_user_agent: agent,
        $lib: 'web',
        $lib_version: '1.449.2',
        $insert_id: hex(random, 16),
        $time: (clock.now() + skewMs - ago) / 1_000,
        distinct_id: distinctId(),
        ...identity,
        ...(place && pageOf(place, origin)),
        ...(userId !== undefined && { $user_id: userId }),
        $is_identified: userId !== undefined,
        $process_person_profile: userId !== undefined,
        ...properties,
      },
    });
  };

  return {
    deviceId,
    sessionId,
    distinctId,
    identify(id, set = {}, when = {}) {
      if (userId !== undefined) return;
      const anonymous = distinctId();
      userId = id;
      send('$identify', { $anon_distinct_id: anonymous }, last, { ...when, $set: set });
    },
    tab() {
      const place: Place = { windowId: uuid7(random, clock.now()), address: '/' };
      const tell = (event: string, properties: Properties, more?: When & Partial<SdkEvent>) => {
        last = place;
        send(event, properties, place, more);
      };
      const touched = (kind: string, document: DomElement, target: DomElement): Properties => {
        const path = pathOf(document, target);
        const text = kind === 'click' ? path[0]?.$el_text : undefined;
        return {
          $event_type: kind,
          $ce_version: 1,
          ...(text !== undefined && { $el_text: text }),
          $elements_chain: toChain(path),
        };
      };
      const act =
        (kind: 'click' | 'change' | 'submit'): Tab['click'] =>
        (document, target, when) =>
          tell('$autocapture', touched(kind, document, target), when);
      return {
        windowId: place.windowId,
        view(address, title, when) {
          const before = place.address;
          place.address = address;
          tell('$pageview', { title, $prev_pageview_pathname: pathname(before) }, when);
        },
        click: act('click'),
        change: act('change'),
        submit: act('submit'),
        angryClick(document, target, when) {
          tell('$rageclick', touched('click', document, target), when);
          this.click(document, target, when);
        },
        rage(document, target, { ago = 0 } = {}) {
          this.click(document, target, { ago: ago + 2 * RAGE_MS });
          this.click(document, target, { ago: ago + RAGE_MS });
          this.angryClick(document, target, { ago });
        },
        deadClick(document, target, { ago = 0 } = {}) {
          const properties = touched('click', document, target);
          tell('$autocapture', properties, { ago });
          const at = clock.now() - ago + skewMs;
          const dead = {
            ...properties,
            $elements: pathOf(document, target),
            $dead_click_event_timestamp: at,
            $dead_click_absolute_timeout: true,
            $dead_click_absolute_delay_ms: DEAD_AFTER_MS,
          };
          clock.after(DEAD_AFTER_MS, () => {
            // It has the time of the click, by the visitor's clock.
            const own = { offset: undefined, timestamp: new Date(at).toISOString() };
            tell('$dead_click', dead, own);
          });
        },
        custom: (name, properties = {}, when = {}) => tell(name, properties, when),
        exception: (type, value, when) =>
          tell(
            '$exception',
            {
              $exception_list: [{ type, value, mechanism: { handled: false, synthetic: false } }],
              $exception_level: 'error',
            },
            when,
          ),
        leave: () => tell('$pageleave', { $prev_pageview_pathname: pathname(place.address) }),
      };
    },
  };
}

interface Place {
  windowId: string;
  /** Path and query. */
  address: string;
}

const pathname = (address: string): string => address.split(/[?#]/)[0]!;

function pageOf({ address }: Place, origin: string): Properties {
  return {
    $current_url: origin + address,
    $host: new URL(origin).host,
    $pathname: pathname(address),
  };
}
