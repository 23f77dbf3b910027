/** A pair of marks around a block of text. */
interface Marks {
  open: RegExp;
  close: RegExp;
}

const marks = (open: string, close: string): Marks => ({
  open: new RegExp(`^${open}`, 'i'),
  close: new RegExp(close, 'i'),
});

const NAME = '(?:seed:|longcat_)?(?:think(?:ing)?|thoughts?|reasoning|reflection|scratchpad)';

/** The marks of reasoning, by family of models and by server. An answer itself contains none of them. */
const UNMISTAKABLE: readonly Marks[] = [
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
  // OpenThinker, Sky-T1.
  marks('<\\|begin_of_thought\\|>', '<\\|end_of_thought\\|>'),
];
/** Marks that an answer itself may contain, so a closing one alone means nothing. */
const AMBIGUOUS: readonly Marks[] = [
  // Granite.
  marks('Here is my thought process:', 'Here is my response:'),
  // Open WebUI.
  marks('<details type="reasoning"[^<>]{0,200}>', '</details>'),
];
const BLOCKS = [...UNMISTAKABLE, ...AMBIGUOUS];
const CLOSINGS = new RegExp(UNMISTAKABLE.map(({ close }) => close.source).join('|'), 'i');
const OPENINGS = new RegExp(BLOCKS.map(({ open }) => open.source.slice(1)).join('|'), 'i');

/** gpt-oss, if its server passes channels on, with their tokens or without. */
const CHANNELS = /^(?:(?:<\|start\|>assistant)?<\|channel\|>|analysis(?=[A-Z]))/;
const FINAL =
  /<\|channel\|>final[^<>]{0,40}(?:<\|constrain\|>[^<>]{0,40})?<\|message\|>|assistantfinal/;

/** What some models put around the answer. */
const WRAPPERS: readonly Marks[] = [
  marks('<answer>', '</answer>\\s*$'),
  marks('<\\|START_RESPONSE\\|>', '<\\|END_RESPONSE\\|>\\s*$'),
  marks('<\\|begin_of_solution\\|>', '<\\|end_of_solution\\|>\\s*$'),
  marks('', '<\\|(?:return|end)\\|>\\s*$'),
];

/** White space, including the kinds without width. */
const BLANK = /^[\s\u200b-\u200f\u2060\ufeff]+/;

/**
 * A model's answer without the reasoning in front of it. Empty if the answer ends before the reasoning does.
 * Some servers write the opening mark themselves, so that the answer begins inside the block. So everything before a
 * closing mark without an opening one is removed as well. An answer without reasoning is returned unchanged.
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

/** What follows the block at the beginning of the text; undefined if there is none. */
function behindBlock(text: string): string | undefined {
  for (const { open, close } of BLOCKS) {
    const opening = open.exec(text);
    if (opening) return behind(close, text.slice(opening[0].length)) ?? '';
  }
  return undefined;
}

/** What follows a closing mark without an opening one, unless the mark is quoted. */
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
