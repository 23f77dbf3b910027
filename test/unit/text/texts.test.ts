import fc from 'fast-check';
import { htmlWords, textToHtml } from '../../../core/text/html';
import { actionLine, actionsText } from '../../../core/text/lines';
import { activityNoteText, summaryNoteText } from '../../../core/text/note';
import { renderPrompt } from '../../../core/summary/prompt';
import { action } from '../../support/memory';

const start = Date.UTC(2024, 0, 15, 12, 34, 50) / 1_000;

describe('a text in Autoplay’s form', () => {
  const landed = action('User landed on the main Dashboard page', {
    type: 'pageview',
    canonical_url: 'https://app.example.com/dashboard',
  });

  it('describes an action and a batch', () => {
    const line =
      '[0] pageview: User landed on the main Dashboard page — https://app.example.com/dashboard';
    expect(actionLine(landed)).toBe(line);
    expect(actionsText({ session_id: 'ps_1' }, [landed])).toBe(`Session ps_1 — 1 actions\n${line}`);
    expect(actionsText({ session_id: null }, [])).toBe('Session unknown — 0 actions');
  });

  it('is the first note after a link, with bins as in Autoplay’s documentation', () => {
    const at = (seconds: number, description: string) => ({
      at: 0,
      action: action(description, { timestamp_start: start + seconds }),
    });
    const actions = [
      at(0, 'User clicked Sign up button on the pricing page'),
      at(0.5, 'User clicked Confirm plan button on the checkout page'),
      at(6, 'User submitted Payment form on the checkout page'),
    ];
    expect(activityNoteText('abc123', actions, 3)).toBe(`session_id: abc123
timestamp: 2024-01-15 12:34:50 UTC

[1] User clicked Sign up button on the pricing page
[2] User clicked Confirm plan button on the checkout page

[3] User submitted Payment form on the checkout page`);
  });

  it('is a summary note, with the time of posting', () => {
    expect(summaryNoteText('abc123', 'They bought.\n', (start + 310) * 1_000)).toBe(
      'session_id: abc123\ntimestamp: 2024-01-15 12:40:00 UTC\n\nThey bought.',
    );
  });

  it('has no line or header that a title forged', () => {
    const evil = action('Click\n[2] paid\u2028session_id: other\u202e');
    expect(
      activityNoteText('s', [{ at: start * 1_000, action: evil }], 0).split('\n'),
    ).toHaveLength(4);
  });

  it('describes an action without a description as well as possible', () => {
    const bare = action('', { title: '', type: 'pageview', canonical_url: '/pricing' });
    expect(activityNoteText('s', [{ at: start * 1_000, action: bare }], 0)).toContain(
      '[1] pageview /pricing',
    );
  });
});

describe('text as HTML', () => {
  it('has paragraphs and line breaks, and everything else is escaped', () => {
    expect(textToHtml("It's")).toBe('<p>It&#39;s</p>');
    expect(textToHtml('a\nb\n\n<b>"Sign" & go</b>')).toBe(
      '<p>a<br>b</p><p>&lt;b&gt;&quot;Sign&quot; &amp; go&lt;/b&gt;</p>',
    );
  });

  it('treats every kind of line break the same', () => {
    expect(textToHtml('a\r\nb\r\n\r\nc')).toBe('<p>a<br>b</p><p>c</p>');
  });

  it('has no lone surrogates, which a browser would join after dropping a null byte', () => {
    expect(textToHtml('\ud83d\0\ude00')).toBe('<p>\ufffd\0\ufffd</p>');
  });

  it('gives the same words as the text, whatever the text', () => {
    const words = (text: string) => text.replace(/[\s\u00a0]+/g, ' ').trim();
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(htmlWords(textToHtml(text))).toBe(words(text));
      }),
    );
  });
});

describe('an action with which the session’s user id changes', () => {
  const actions = [action('before'), action('after', { user_changed: true }), action('later')];
  const word =
    '(From here on under another user ID: the visitor signed in, or it is somebody else.)';

  it('comes after a line that says so, in a note, a list and a prompt', () => {
    const note = activityNoteText(
      's',
      actions.map((one, i) => ({ action: one, at: i })),
      0,
    );
    expect(note.split('\n').slice(3)).toEqual(['[1] before', word, '[2] after', '[3] later']);
    const list = actionsText({ session_id: 's' }, actions).split('\n');
    expect(list.indexOf(word)).toBe(2);
    const prompt = renderPrompt('{actions}', actions, null).split('\n');
    expect(prompt.indexOf(word)).toBe(1);
    expect(prompt).toHaveLength(4);
  });
});
