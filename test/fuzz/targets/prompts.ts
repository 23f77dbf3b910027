import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { DEFAULT_SUMMARY_PROMPT, renderPrompt } from '../../../core/summary/prompt';
import { actionsText } from '../../../core/text/lines';
import { visible } from '../../../core/text/visible';
import { action } from '../../support/batches';
import { hostileText } from '../arbitraries';
import { must, type Target } from '../target';

const texts = fc.array(fc.tuple(hostileText, hostileText, hostileText), {
  minLength: 1,
  maxLength: 4,
});
const actionsOf = (all: Array<[string, string, string]>) =>
  all.map(([title, description, page], index) =>
    action({ index, title, description, canonical_url: page }),
  );

/** A prompt without the contents of its fences. It must have one fence of each kind and nothing that looks like one. */
function outside(prompt: string, ...tags: string[]): string {
  must(!/[<>]/.test(tags.reduce(without, prompt)), 'a bracket in or around a fence', prompt);
  return tags.reduce((rest, tag) => without(rest, tag, `<${tag}></${tag}>`), prompt);
}

function without(prompt: string, tag: string, instead: unknown = ''): string {
  const fenced = new RegExp(`<${tag}>\\n[^<>]*\\n</${tag}>`);
  return prompt.replace(fenced, () => (typeof instead === 'string' ? instead : ''));
}

const EMPTY = outside(
  renderPrompt(DEFAULT_SUMMARY_PROMPT, [], null),
  'actions',
  'previous_summary',
);

const summary: Target = {
  name: 'prompts: texts of pages and earlier summaries stay within their fences in the prompt for a summary',
  share: 10,
  property: fc.property(texts, fc.option(hostileText, { nil: null }), (said, before) => {
    const prompt = renderPrompt(DEFAULT_SUMMARY_PROMPT, actionsOf(said), before);
    must(outside(prompt, 'actions', 'previous_summary') === EMPTY, 'something is outside', prompt);
    must(prompt.length < EMPTY.length + said.length * 410 + 6_100, 'too long', prompt.length);
    must(prompt.isWellFormed(), 'half a character', prompt);
  }),
};

interface Shipped {
  nodes: Array<{ name: string; parameters: { text?: string } }>;
}

const crisp = JSON.parse(
  readFileSync(join(__dirname, '../../../workflows/crisp.json'), 'utf8'),
) as Shipped;
const template = crisp.nodes.find(({ name }) => name === 'Answer')!.parameters.text!.slice(1);

/** What n8n makes of the prompt: each `{{ }}` is evaluated, and what comes out is not looked at again. */
const parts = template.split(/\{\{(.*?)\}\}/s).map((part, i) =>
  i % 2 === 0
    ? () => part
    : // The expression is our own file's.
      // eslint-disable-next-line @typescript-eslint/no-implied-eval
      (new Function('$json', `return ${part}`) as ($json: object) => string),
);
const answerPrompt = (json: object) => parts.map((part) => part(json)).join('');
const EMPTY_ANSWER = outside(answerPrompt({ activity: '', text: '' }), 'activity', 'message');

/** Also ones that are cut, in the middle of a character. */
const message = fc.oneof(
  { weight: 5, arbitrary: hostileText },
  { weight: 1, arbitrary: hostileText.map((text) => `x${'😀'.repeat(2_000)}${text}`) },
);

const answer: Target = {
  name: 'prompts: texts of pages and visitors stay within their fences in the prompt for an answer',
  share: 10,
  property: fc.property(texts, hostileText, message, (said, told, message) => {
    const listed = actionsText({ session_id: told }, actionsOf(said));
    const activity = [visible(told).trim(), listed].filter(Boolean).join('\n\n').toWellFormed();
    const prompt = answerPrompt({ activity, text: message.toWellFormed() });
    must(outside(prompt, 'activity', 'message') === EMPTY_ANSWER, 'something is outside', prompt);
    must(prompt.isWellFormed(), 'half a character', prompt);
  }),
};

export const promptTargets: Target[] = [summary, answer];
