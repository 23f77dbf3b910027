import { isObject } from '../values';
import { withoutReasoning } from './reasoning';

/** Types of blocks that hold words for a reader. Other blocks are reasoning, tools and files. */
const TEXTS = ['text', 'output_text'];

/**
 * The words of a model's answer in the shapes that servers and LangChain give it: a text, a block, or a list of either. Reasoning
 * is left out, in blocks of its own or in front of the text. Undefined for what is no answer at all.
 */
export function answerText(content: unknown): string | undefined {
  const words = wordsOf(content);
  return words === undefined ? undefined : withoutReasoning(words);
}

function wordsOf(content: unknown): string | undefined {
  if (typeof content === 'string') return content;
  if (Array.isArray(content)) {
    const isAnswer = content.every(
      (one) => typeof one === 'string' || isBlock(one) || one === null,
    );
    return isAnswer ? content.map((one) => wordsOf(one) ?? '').join('') : undefined;
  }
  if (!isBlock(content)) return undefined;
  const { type = 'text', text } = content;
  return TEXTS.includes(String(type)) && typeof text === 'string' ? text : '';
}

/** Whether it says what it is, or holds a text. */
function isBlock(value: unknown): value is Record<string, unknown> {
  return isObject(value) && (typeof value.type === 'string' || typeof value.text === 'string');
}
