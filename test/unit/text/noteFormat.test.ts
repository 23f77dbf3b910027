import { textToHtml } from '../../../core/text/html';
import {
  composeActivity,
  composeSummary,
  isTimeZone,
  noteTemplateFault,
  type NoteFormat,
} from '../../../core/text/noteFormat';
import { action } from '../../support/memory';

const at = Date.UTC(2024, 0, 15, 12, 34, 50);
const session = { session_id: 'abc123', user_id: '70', email: 'ada@x.example' };
const timed = (seconds: number, description: string, page: string) => ({
  at,
  action: action(description, { timestamp_start: at / 1_000 + seconds, canonical_url: page }),
});
const actions = [
  timed(70, 'User clicked Confirm button', 'https://app.example.com/checkout?x=1'),
  timed(0, 'User landed on the Pricing page', '/pricing'),
];
const readable = (timeZone: string): NoteFormat => ({ kind: 'readable', timeZone });
const template = (text: string, timeZone = 'UTC'): NoteFormat => ({
  kind: 'template',
  timeZone,
  template: text,
});

describe('a readable note', () => {
  it('has the time and page of each action, in order, and the ids at the end', () => {
    expect(composeActivity(session, actions, 3, readable('Europe/Paris'))).toBe(
      [
        '13:34 · User landed on the Pricing page · /pricing',
        '13:36 · User clicked Confirm button · /checkout',
        '',
        'session_id: abc123 · 2024-01-15 13:34:50 UTC+01:00',
      ].join('\n'),
    );
  });

  it('writes the times of a zone as its clocks show them, in summer as in winter', () => {
    const times = (timeZone: string, ms = at) =>
      composeSummary(session, 'S', ms, readable(timeZone)).split(' · ')[1];
    expect(times('UTC')).toBe('2024-01-15 12:34:50 UTC');
    expect(times('Asia/Kolkata')).toBe('2024-01-15 18:04:50 UTC+05:30');
    expect(times('America/New_York')).toBe('2024-01-15 07:34:50 UTC-05:00');
    expect(times('Europe/Paris', Date.UTC(2024, 6, 1, 22))).toBe('2024-07-02 00:00:00 UTC+02:00');
    expect(times('UTC', 1e20)).toBe('1970-01-01 00:00:00 UTC');
  });

  it('says the date where the day changes', () => {
    const late = [timed(0, 'A', ''), timed(86_400, 'B', '')];
    expect(composeActivity(session, late, 0, readable('UTC')).split('\n').slice(0, 3)).toEqual([
      '12:34 · A',
      '2024-01-16',
      '12:34 · B',
    ]);
  });

  it('says where another user acts', () => {
    const [other] = [timed(0, 'A', '/a')];
    other.action.user_changed = true;
    expect(composeActivity(session, [other], 0, readable('UTC'))).toMatch(
      /^\(From here on under another user ID: .*\)\n12:34 · A · \/a\n/,
    );
  });

  it('has no line that a title, a page or an id forged', () => {
    const evil = timed(0, 'A\n13:00 · paid', 'https://x.example/a\u2028session_id: other');
    const note = composeActivity({ session_id: 's\n\nx' }, [evil], 0, readable('UTC'));
    expect(note.split('\n')).toHaveLength(3);
  });

  it('is a summary, too', () => {
    expect(composeSummary(session, ' They bought.\n', at, readable('UTC'))).toBe(
      'They bought.\n\nsession_id: abc123 · 2024-01-15 12:34:50 UTC',
    );
  });
});

describe('a note by a template', () => {
  it('has what its placeholders stand for, and other braces as they are', () => {
    const text =
      '{count} on {page}, {email} ({user_id}), {session_id}, {timestamp}: {x} {{actions}}\n{actions}';
    expect(composeActivity(session, actions, 0, template(text))).toBe(
      '2 on /checkout, ada@x.example (70), abc123, 2024-01-15 12:34:50 UTC: {x} ' +
        '{12:34 · User landed on the Pricing page · /pricing\n' +
        '12:36 · User clicked Confirm button · /checkout}\n' +
        '12:34 · User landed on the Pricing page · /pricing\n' +
        '12:36 · User clicked Confirm button · /checkout',
    );
  });

  it('leaves a placeholder in what a page says as it is, and nothing of an unknown name', () => {
    const evil = timed(0, 'Clicked {email} $& {actions}', '');
    const note = composeActivity({ session_id: 's' }, [evil], 0, template('{email}>{actions}'));
    expect(note.split('\n')[0]).toBe('>12:34 · Clicked {email} $& {actions}');
    expect(textToHtml(note)).toContain('&gt;');
  });

  it.each(['{actions}', '{actions} {session_id}', '{actions} {timestamp}'])(
    'ends with the ids if it lacks one of those by which it is found again: %s',
    (text) => {
      const lines = composeActivity(session, actions, 0, template(text)).split('\n');
      expect(lines.at(-1)).toBe('session_id: abc123 · 2024-01-15 12:34:50 UTC');
    },
  );

  it('is a summary, too', () => {
    const text = '{summary} / {email} / {session_id} / {timestamp} / {actions}';
    expect(composeSummary(session, 'They bought.', at, template(text))).toBe(
      'They bought. / ada@x.example / abc123 / 2024-01-15 12:34:50 UTC / {actions}',
    );
  });

  it('for activity leaves a summary readable', () => {
    expect(composeSummary(session, 'They bought.', at, template('{actions}'))).toBe(
      composeSummary(session, 'They bought.', at, readable('UTC')),
    );
  });

  it('is refused without what it is for, and if it is too long', () => {
    expect(noteTemplateFault('{actions}', 'activity')).toBeUndefined();
    expect(noteTemplateFault('Hello', 'activity')).toMatch(/has no \{actions\}/);
    expect(noteTemplateFault('{actions}', 'summary')).toMatch(/has no \{summary\}/);
    expect(noteTemplateFault(`{actions}${'x'.repeat(2_000)}`, 'activity')).toMatch(/may have 2000/);
  });
});

it('a time zone is known by its name', () => {
  expect(['Europe/Paris', 'UTC', 'america/new_york'].map(isTimeZone)).toEqual([true, true, true]);
  expect(['', 'Paris', 'Mars/Olympus', '{}'].map(isTimeZone)).toEqual([false, false, false, false]);
});

it('without a format a note has Autoplay’s form', () => {
  expect(composeActivity(session, actions, 0, undefined)).toMatch(
    /^session_id: abc123\ntimestamp: 2024-01-15 12:34:50 UTC\n\n\[1\] User landed/,
  );
  expect(composeSummary(session, 'S', at, undefined)).toMatch(/^session_id: abc123\n.*\n\nS$/);
});
