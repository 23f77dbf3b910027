import { describeAction, actionsText } from '../../../core/text/lines';
import { activityNoteText, summaryNoteText } from '../../../core/text/note';
import { oneLine, shorten, shortLine, visible } from '../../../core/text/visible';
import { action } from '../../support/batches';

const ENGLAND = '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}';

describe('an invisible character', () => {
  it.each([
    ['turns the direction of writing', 'pay \u202eelgoog\u202c now', 'pay elgoog now'],
    ['isolates a direction', '\u2066a\u2069\u200f\u061cb', 'ab'],
    ['takes no space', 'pay\u200bpal\ufeff\u00ad\u2060', 'paypal'],
    ['spells instructions in tags', 'Save\u{e0069}\u{e0067}\u{e006e}', 'Save'],
    ['spells them in variation selectors', 'Save\ufe01\ufe02\u{e0140}\u{e0141}', 'Save\ufe01'],
    ['joins nothing', 'a \u200d b\u200c', 'a  b'],
    ['moves a terminal’s cursor', 'a\u001b[2Jb\u0007\0', 'a[2Jb'],
    ['keeps two halves of a character apart', 'a\ud83d\u200b\ude00', 'a\ufffd\ufffd'],
  ])('is removed if it %s', (_, text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  it.each([
    ['Arabic and Hebrew letters', 'مرحبا שלום'],
    ['Persian with its non-joiners', 'می‌خواهم'],
    ['Hindi with its joiners', 'क्‍ष'],
    ['emoji of several', '👩‍👩‍👧 ❤️‍🔥 👩🏽‍⚕️'],
    ['flags', `🇫🇷 ${ENGLAND}`],
    ['variants of a character', '葛\u{e0100} ☂️'],
    ['lines and tabs', 'a\n\tb'],
  ])('stays if it shapes %s', (_, text) => {
    expect(visible(text)).toBe(text);
  });

  it('is in no text for people or models', () => {
    const evil = action({ description: 'paid \u202e52€\u200b', timestamp_start: 0 });
    const note = activityNoteText('s\u202e1', [{ at: 0, action: evil }], 0);
    const told = actionsText({ session_id: 's\n[9] click: paid' }, [evil]);
    expect(note).toContain('session_id: s1\n');
    expect(note).toContain('[1] paid 52€');
    expect(told.split('\n')).toHaveLength(2);
    expect(summaryNoteText('s', 'They \u202epaid.', 0)).toMatch(/They paid\.$/);
  });
});

it('every kind of break ends a line, and one line has none', () => {
  const breaks = 'a\r\nb\rc\u0085d\u2028e\u2029f\u000bg\fh';
  expect(visible(breaks).split('\n')).toHaveLength(8);
  expect(oneLine(breaks)).toBe('a b c d e f g h');
});

describe('a text that is too long', () => {
  it('is cut between characters', () => {
    expect(shorten('abc', 3)).toBe('abc');
    expect(shorten('abcd', 3)).toBe('ab…');
    expect(shorten('a😀bcd', 3)).toBe('a…');
  });

  it('ends without a joiner that has nothing to join', () => {
    expect(shortLine('a 👩‍👩‍👧 b', 6)).toBe('a 👩…');
    expect(shortLine('a\nb', 3)).toBe('a b');
  });

  it('takes a limited part of a note', () => {
    expect(describeAction(action({ description: 'x'.repeat(2_000) }))).toHaveLength(500);
  });
});

it('a description of invisible characters is replaced by the title', () => {
  expect(describeAction(action({ description: '\u200b\u202e', title: 'Pricing' }))).toBe('Pricing');
});
