import fc from 'fast-check';
import MarkdownIt from 'markdown-it';
import { parseFragment, type DefaultTreeAdapterTypes } from 'parse5';
import { plainText } from '../../../core/crisp/send';
import { textToHtml } from '../../../core/text/html';
import { actionsText } from '../../../core/text/lines';
import { activityNoteText, summaryNoteText } from '../../../core/text/note';
import { composeActivity } from '../../../core/text/noteFormat';
import { oneLine, visible } from '../../../core/text/visible';
import { action } from '../../support/batches';
import { hostileNumber, hostileText } from '../arbitraries';
import { must, type Target } from '../target';

type Node = DefaultTreeAdapterTypes.Node;

/** The names of all elements of a tree, and the text it shows, `br` as a line break. */
function contents(node: Node): { names: Set<string>; text: string } {
  const names = new Set<string>();
  const read = (one: Node): string => {
    if (one.nodeName === '#text') return (one as DefaultTreeAdapterTypes.TextNode).value;
    if (one.nodeName === 'br') return '\n';
    if (one.nodeName !== '#document-fragment') names.add(one.nodeName);
    if ('attrs' in one && one.attrs.length > 0) names.add(`${one.nodeName} with attributes`);
    return 'childNodes' in one ? one.childNodes.map(read).join('') : '';
  };
  return { text: read(node), names };
}

/** Line breaks as an HTML parser sees them, and without what it cannot show. */
const asHtmlShows = (text: string) =>
  text
    .replace(/\r\n?/g, '\n')
    .replaceAll('\0', '')
    .replace(/\n{2,}/g, '');

const html: Target = {
  name: 'notes: a text as HTML has no markup and loses no word',
  share: 15,
  property: fc.property(hostileText, (said) => {
    const shown = contents(parseFragment(textToHtml(said)));
    shown.names.delete('p');
    must(shown.names.size === 0, 'markup came out', [...shown.names]);
    const clean = said.toWellFormed();
    must(asHtmlShows(shown.text.toWellFormed()) === asHtmlShows(clean), 'other words', [
      said,
      shown.text,
    ]);
  }),
};

const crispMarkdown = new MarkdownIt({ html: false, linkify: false });

const markdown: Target = {
  name: 'notes: in Markdown, no link hides its address and no image is loaded',
  share: 10,
  property: fc.property(fc.array(hostileText, { minLength: 1, maxLength: 4 }), (lines) => {
    const blocks = crispMarkdown.parse(plainText(lines.join('\n')), {});
    const tokens = blocks.flatMap(({ children }) => children ?? []);
    tokens.forEach(({ type, info }, i) => {
      must(type !== 'image', 'an image is loaded', lines);
      // An address in angle brackets is shown as what it is.
      must(type !== 'link_open' || info === 'auto', 'a link has words of its own', [
        lines,
        tokens[i],
      ]);
    });
  }),
};

/** Characters that no text for people or models may contain. */
const HIDDEN = /[\0\u001b\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/;

const lines: Target = {
  name: 'notes: each action has its own line, with nothing hidden and of bounded length',
  share: 10,
  property: fc.property(
    hostileText,
    fc.array(fc.tuple(hostileText, hostileText, hostileNumber), { minLength: 1, maxLength: 4 }),
    fc.constantFrom(0, 3),
    (sessionId, said, bins) => {
      const timed = said.map(([description, page, seconds]) => {
        const timestamp_start = Number.isFinite(seconds) ? seconds : null;
        return {
          at: 0,
          action: action({ description, canonical_url: page, type: page, timestamp_start }),
        };
      });
      const note = activityNoteText(sessionId, timed, bins);
      const [first, second, blank, ...rest] = note.split('\n');
      must(
        first!.startsWith('session_id: ') && second!.startsWith('timestamp: '),
        'no header',
        note,
      );
      must(blank === '', 'the header goes on', note);
      const told = rest.filter((line) => line !== '');
      must(told.length === said.length, 'a line more or less', note);
      must(
        told.every((line, i) => line.startsWith(`[${i + 1}] `) && line.length < 520),
        'a line',
        note,
      );
      const readable = composeActivity({ session_id: sessionId }, timed, 0, {
        ...{ kind: 'readable', timeZone: 'Asia/Kathmandu' },
      }).split('\n');
      const days = readable.filter((line) => /^\d+-\d\d-\d\d$/.test(line)).length;
      must(readable.length === said.length + days + 2, 'a line more or less', readable);
      must(readable.at(-1)!.startsWith('session_id: '), 'no ids', readable);
      must(!HIDDEN.test(readable.join('')), 'something is hidden', readable);
      const listed = actionsText(
        { session_id: sessionId },
        timed.map((one) => one.action),
      );
      must(listed.split('\n').length === said.length + 1, 'a line more or less', listed);
      must(listed.length < sessionId.length + 40 + said.length * 1_100, 'too long', listed.length);
      must(!HIDDEN.test(note + listed), 'something is hidden', note);
      must(
        note.isWellFormed() ||
          !sessionId.isWellFormed() ||
          said.flat().some((one) => typeof one === 'string' && !one.isWellFormed()),
        'half a character',
        note,
      );
    },
  ),
};

/** Texts that must stay as they are. */
const READABLE = [
  'مرحبا بالعالم',
  'שלום',
  'می‌خواهم',
  'क्‍ष',
  '👩‍👩‍👧',
  '❤️‍🔥',
  '👩🏽‍⚕️',
  '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}',
  '葛\u{e0100}',
  'naïve',
];

const seen: Target = {
  name: 'notes: cleaning a text twice changes nothing, and readable characters stay',
  share: 10,
  property: fc.property(hostileText, fc.constantFrom(...READABLE), (said, readable) => {
    const clean = visible(said);
    must(visible(clean) === clean, 'not clean at once', said);
    must(oneLine(oneLine(said)) === oneLine(said), 'not one line at once', said);
    must(!HIDDEN.test(clean) && !/[\r\u2028\u2029]/.test(clean), 'something is hidden', clean);
    must(
      visible(`${said} ${readable} ${said}`).includes(` ${readable} `),
      'cannot be read',
      readable,
    );
    const note = summaryNoteText('s', said, 0);
    must(!HIDDEN.test(note), 'something is hidden', note);
  }),
};

export const textTargets: Target[] = [html, markdown, lines, seen];
