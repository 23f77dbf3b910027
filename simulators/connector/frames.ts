/** One thing a visitor did, as it travels. Times are epoch seconds with decimals. */
export interface Action {
  index: number;
  type: 'pageview' | 'click' | 'submit' | 'type' | 'focus' | 'blur';
  title: string;
  description: string;
  timestamp_start: number;
  timestamp_end: number;
  raw_url: string;
  /** The address with `:id` for its changing segments. */
  canonical_url: string;
}

/** A batch of one session's actions. */
export interface ActionsFrame {
  type: 'actions';
  product_id: string;
  session_id: string;
  user_id: string | null;
  email: string | null;
  actions: Action[];
  count: number;
  /** Epoch seconds. */
  forwarded_at: number;
}

/** A frame as the connector sends it: an unnamed event, whose `type` is inside the data. */
export function encodeFrame(frame: unknown): string {
  return `data: ${JSON.stringify(frame)}\n\n`;
}

/** The sign of life between frames. */
export const HEARTBEAT = 'event: heartbeat\ndata: \n\n';
