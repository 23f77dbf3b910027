/** A pair of marks around a block of text. */
interface Marks {
  open: RegExp;
  close: RegExp;
}

const marks = (open: string, close: string): Marks => ({
  open: new RegExp(`^${open}`, 'i'),
  close: new RegExp(close, 'i'),
});

const NAME = '(?:seed:)?(?:think(?:ing)?|thoughts?|reasoning|reflection|scratchpad)';

/** How families of models, and the servers in front of them, mark reasoning. */
const BLOCKS: readonly Marks[] = [
  // DeepSeek, Qwen, MiniMax and most others.
  marks(`<${NAME}(?: [^<>]{0,200})?>`, `</${NAME}>`),
  // Mistral's Magistral.
  marks('\\[THINK\\]', '\\[/THINK\\]'),
  // Kimi.
  marks('◁think▷', '◁/think▷'),
  // Cohere.
  marks('<\\|START_THINKING\\|>', '<\\|END_THINKING\\|>'),
  // Gemma.
  marks('<unused94>thought', '<unused95>'),
  marks('<\\|channel>thought', '<channel\\|>'),
  // Open WebUI. An answer may end with such an element of its own, so this one is never only closed.
  marks('<details type="reasoning"[^<>]{0,200}>', '</details>'),
];
/** Without Open WebUI's. */
const CLOSINGS = new RegExp(
  BLOCKS.slice(0, -1)
    .map(({ close }) => close.source)
    .join('|'),
  'i',
);
const OPENINGS = new RegExp(BLOCKS.map(({ open }) => open.source.slice(1)).join('|'), 'i');

/** gpt-oss, where its server passes its channels on: with their tokens, or with these taken out. */
const CHANNELS = /^(?:(?:<\|start\|>assistant)?<\|channel\|>|analysis(?=[A-Z]))/;
const FINAL =
  /<\|channel\|>final[^<>]{0,40}(?:<\|constrain\|>[^<>]{0,40})?<\|message\|>|assistantfinal/;

/** What some models put around the answer itself. */
const WRAPPERS: readonly Marks[] = [
  marks('<answer>', '</answer>\\s*$'),
  marks('<\\|START_RESPONSE\\|>', '<\\|END_RESPONSE\\|>\\s*$'),
  marks('', '<\\|(?:return|end)\\|>\\s*$'),
];

/** White space, also the kind that takes no room. */
const BLANK = /^[\s\u200b-\u200f\u2060\ufeff]+/;

/**
 * A model's answer without the reasoning in front of it. Nothing is left of an answer that ends before its reasoning does.
 * Some servers write the opening mark themselves, so that the answer begins within the block: what comes before a mark that
 * only closes is removed as well. An answer without reasoning stays as it is.
 */
export function withoutReasoning(answer: string): string {
  let rest = answer.replace(BLANK, '');
  let found = false;
  for (;;) {
    const after = behindBlock(rest) ?? behindClosing(rest) ?? behindChannels(rest);
    if (after === undefined) return found ? unwrapped(rest) : answer;
    found = true;
    rest = after.replace(BLANK, '');
  }
}

/** What follows the block that the text begins with; undefined when it begins with none. */
function behindBlock(text: string): string | undefined {
  for (const { open, close } of BLOCKS) {
    const opening = open.exec(text);
    if (opening) return behind(close, text.slice(opening[0].length)) ?? '';
  }
  return undefined;
}

/** What follows a mark that closes a block which the text never opened, unless it is quoted. */
function behindClosing(text: string): string | undefined {
  const closing = CLOSINGS.exec(text);
  if (!closing) return undefined;
  const before = text.slice(0, closing.index);
  return OPENINGS.test(before) || /[`'"“‘]$/.test(before)
    ? undefined
    : text.slice(closing.index + closing[0].length);
}

function behindChannels(text: string): string | undefined {
  return CHANNELS.test(text) ? (behind(FINAL, text) ?? '') : undefined;
}

function behind(mark: RegExp, text: string): string | undefined {
  const found = mark.exec(text);
  return found ? text.slice(found.index + found[0].length) : undefined;
}

function unwrapped(text: string): string {
  return WRAPPERS.reduce(
    (rest, { open, close }) => (open.test(rest) ? rest.replace(open, '').replace(close, '') : rest),
    text,
  ).trim();
}
