import { answerText } from '../../../core/text/answer';
import { withoutReasoning } from '../../../core/text/reasoning';

describe('reasoning in front of an answer', () => {
  it.each([
    ['<think>\nThey clicked.\n</think>\n\nThey paid.'],
    ['<think>\n\n</think>\n\nThey paid.'],
    ['\ufeff \n<THINK>a</THINK>They paid.'],
    ['<thinking>a</thinking>\n<think>b</think>They paid.'],
    ['<thought>a <b> c</thought>They paid.'],
    ['<reasoning effort="low">a</reasoning>They paid.'],
    ['<seed:think>a</seed:think>They paid.'],
    ['<longcat_think>a</longcat_think>They paid.'],
    ['<|begin_of_thought|>a<|end_of_thought|>\n<|begin_of_solution|>They paid.<|end_of_solution|>'],
    ['Here is my thought process: a\n\nHere is my response: They paid.'],
    ['[THINK]a[/THINK]They paid.'],
    ['◁think▷a◁/think▷They paid.'],
    ['<|START_THINKING|>a<|END_THINKING|><|START_RESPONSE|>They paid.<|END_RESPONSE|>'],
    ['<unused94>thought\na<unused95>They paid.'],
    ['<|channel>thought\na<channel|>They paid.'],
    [
      '<details type="reasoning" done="true" duration="3">\n<summary>3 s</summary>\n> a\n</details>\nThey paid.',
    ],
    ['<think>\na\n</think>\n<answer>\nThey paid.\n</answer>'],
    [
      '<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>final<|message|>They paid.<|return|>',
    ],
    ['analysisWe have to sum up.assistantfinalThey paid.'],
    // The server wrote the opening mark itself.
    ['Okay, the visitor clicked.\n</think>\n\nThey paid.'],
    // A block in a block.
    ['<think>a <think>b</think> c</think>They paid.'],
  ])('is removed from %j', (answer) => {
    expect(withoutReasoning(answer)).toBe('They paid.');
  });

  it.each([
    '<think>',
    '<think>\n\n</think>',
    '<think>\nFirst, the visitor',
    '[THINK]First',
    'First, the visitor</think>',
    '<|channel|>analysis<|message|>We have to',
    'analysisWe have to',
    '<details type="reasoning" done="false">\n> First',
  ])('leaves nothing of %j, which ends inside it', (answer) => {
    expect(withoutReasoning(answer)).toBe('');
  });

  it.each([
    '  They paid. ',
    'They think: <think> is a tag.',
    'Close it with `</think>`, as in <b>.',
    'Write <think>why</think> and then the answer.',
    'analysis of the visit: they paid',
    '<details><summary>More</summary>They paid</details>',
    '<thinker>They paid',
    'They wrote: here is my response: no',
    '',
  ])('is not found in %j', (answer) => {
    expect(withoutReasoning(answer)).toBe(answer);
  });
});

describe('the text of an answer', () => {
  it.each([
    ['They paid.'],
    [{ type: 'text', text: 'They paid.' }],
    [
      [
        { type: 'text', text: 'They ' },
        { type: 'text', text: 'paid.' },
      ],
    ],
    [['They ', { text: 'paid.' }]],
    [[null, { type: 'text', text: 'They paid.' }]],
    [
      [
        { type: 'thinking', thinking: [{ type: 'text', text: 'a' }] },
        { type: 'text', text: 'They paid.' },
      ],
    ],
    [
      [
        { type: 'reasoning', reasoning: 'a' },
        { type: 'output_text', text: 'They paid.' },
      ],
    ],
    [
      [
        { type: 'tool_use', id: '1', input: {} },
        { type: 'text', text: '<think>a</think>They paid.' },
      ],
    ],
  ])('is found in %j', (content) => expect(answerText(content)).toBe('They paid.'));

  it.each([[[]], [[{ type: 'reasoning', text: 'a' }]], [''], [[null]]])(
    'is empty in %j',
    (content) => expect(answerText(content)).toBe(''),
  );

  it.each([undefined, null, 7, true, {}, { output: 'a' }, [{ output: 'a' }], [7]])(
    'is undefined for %j',
    (content) => expect(answerText(content)).toBeUndefined(),
  );
});
