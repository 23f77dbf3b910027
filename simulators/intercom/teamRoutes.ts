import type { Route } from './call';
import { notFound } from './errors';
import { isSince } from './versions';

/** Hours in which the team answers. Minutes run through the week, from Monday 00:00. */
export interface OfficeHours {
  name: string;
  /** As IANA names it. */
  timeZone: string;
  intervals: readonly { start: number; end: number }[];
}

const DAY_MINUTES = 1_440;
const WEEK_MINUTES = 7 * DAY_MINUTES;

/** The token's owner, and the team. */
export const teamRoutes: Route[] = [
  {
    method: 'GET',
    path: /^\/me$/,
    handle({ store, workspace }) {
      const app = {
        type: 'app',
        id_code: workspace.id,
        name: workspace.name,
        created_at: 1_700_000_000,
        secure: false,
        identity_verification: false,
        timezone: 'UTC',
        region: 'US',
      };
      const { id, name, email } = store.admins[0]!;
      const image_url = 'https://northwindboards.example/avatars/1.png';
      const avatar = { type: 'avatar', image_url };
      const known = { type: 'admin', id, email, name, email_verified: true };
      const admin = { ...known, avatar, has_inbox_seat: true };
      return JSON.stringify({ ...admin, app });
    },
  },
  {
    method: 'GET',
    path: /^\/admins$/,
    handle: ({ store }) =>
      JSON.stringify({
        type: 'admin.list',
        admins: store.admins.map((admin) => ({
          type: 'admin',
          ...admin,
          away_mode_enabled: store.isAway(admin.id),
          away_mode_reassign: false,
          has_inbox_seat: true,
          team_ids: [],
        })),
      }),
  },
  {
    method: 'GET',
    path: /^\/office_hours_schedules$/,
    handle({ officeHours, version }) {
      if (!isSince(version, '2.16')) throw notFound('Resource');
      const data = officeHours.map(({ name, timeZone, intervals }, i) => ({
        type: 'office_hours_schedule',
        id: String(i + 1),
        name,
        time_zone_name: timeZone,
        time_intervals: intervals.map(({ start, end }) => ({
          start_minute: start,
          end_minute: end,
          day_of_week: Math.floor(start / DAY_MINUTES),
        })),
        twenty_four_seven: intervals.some(({ start, end }) => end - start >= WEEK_MINUTES),
        created_at: 1_700_000_000,
        updated_at: 1_700_000_000,
      }));
      return JSON.stringify({ type: 'office_hours_schedule.list', data });
    },
  },
];
