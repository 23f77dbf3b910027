import { isObject } from '../values';
import { withoutReasoning } from './reasoning';

/** Types of blocks that hold text for the reader. Other blocks are reasoning, tools and files. */
const TEXTS = ['text', 'output_text'];

/**
 * The text of a model's answer, which servers and LangChain give as a text, a block, or a list of either. Reasoning is
 * left out, whether in blocks of its own or in front of the text. Undefined if the value is no answer at all.
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

/** Whether a value has a type or a text. */
function isBlock(value: unknown): value is Record<string, unknown> {
  return isObject(value) && (typeof value.type === 'string' || typeof value.text === 'string');
}
