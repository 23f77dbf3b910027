/** An answer that a real server or model gives. */
export interface Form {
  /** Where it is documented or was reported. */
  source: string;
  status: number;
  headers?: Record<string, string>;
  /** JSON, or a text that is sent as it is. */
  body: unknown;
}

const SAID = 'They compared two plans and paid.';
const THOUGHT = 'The visitor opened the pricing page first.';

const issue = (repository: string, number: number) =>
  `https://github.com/${repository}/issues/${number}`;

/** A chat completion with this message. */
const completion = (message: object, finish_reason: string | null = 'stop', more: object = {}) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1_764_000_000,
  model: 'a-model',
  choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason, ...more }],
  usage: { prompt_tokens: 300, completion_tokens: 20, total_tokens: 320 },
});
const answer = (source: string, ...parts: Parameters<typeof completion>): Form => ({
  source,
  status: 200,
  body: completion(...parts),
});
const refusal = (
  source: string,
  status: number,
  body: unknown,
  headers?: Record<string, string>,
): Form => ({ source, status, body, ...(headers && { headers }) });

const page = (title: string) =>
  `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`;
const PAGE = { 'content-type': 'text/html; charset=utf-8' };

const OPENAI = 'https://platform.openai.com/docs/api-reference/chat/object';
const OPENAI_ERRORS = 'https://platform.openai.com/docs/guides/error-codes';
const AZURE_FILTER = 'https://learn.microsoft.com/azure/ai-foundry/openai/concepts/content-filter';
const OPENROUTER = 'https://openrouter.ai/docs/api/reference/errors-and-debugging';
const MISTRAL = 'https://docs.mistral.ai/capabilities/reasoning/';

/** Answers that say {@link SAID}, with and without reasoning beside it. */
export const answers = {
  openai: answer(OPENAI, { content: SAID, refusal: null, annotations: [] }),
  'azure with filter results': answer(AZURE_FILTER, { content: SAID }, 'stop', {
    content_filter_results: { hate: { filtered: false, severity: 'safe' } },
  }),
  'mistral with blocks': answer('https://github.com/spring-projects/spring-ai/pull/5020', {
    content: [
      { type: 'thinking', thinking: [{ type: 'text', text: THOUGHT }] },
      { type: 'text', text: SAID },
    ],
  }),
  'mistral with tags': answer('https://github.com/zed-industries/zed/pull/32476', {
    content: `<think>\n${THOUGHT}\n</think>\n${SAID}`,
  }),
  'magistral with its own marks': answer('https://huggingface.co/mistralai/Magistral-Small-2509', {
    content: `[THINK]${THOUGHT}[/THINK]${SAID}`,
  }),
  'deepseek with reasoning beside it': answer(
    'https://api-docs.deepseek.com/guides/reasoning_model',
    {
      content: SAID,
      reasoning_content: THOUGHT,
    },
  ),
  'openrouter with reasoning beside it': answer(
    'https://openrouter.ai/docs/use-cases/reasoning-tokens',
    {
      content: SAID,
      refusal: null,
      reasoning: THOUGHT,
      reasoning_details: [{ type: 'reasoning.text', text: THOUGHT }],
    },
  ),
  'ollama with tags': answer('https://ollama.com/library/deepseek-r1', {
    content: `<think>\n${THOUGHT}\n</think>\n\n${SAID}`,
  }),
  'lm studio with an empty block': answer(
    'https://qwen.readthedocs.io/en/latest/getting_started/quickstart.html',
    {
      content: `<think>\n\n</think>\n\n${SAID}`,
    },
  ),
  'vllm, whose template opened the block': answer(
    'https://docs.vllm.ai/en/latest/features/reasoning_outputs.html',
    { content: `${THOUGHT}\n</think>\n\n${SAID}`, tool_calls: [] },
  ),
  'gpt-oss with channels': answer(issue('johnbean393/Sidekick', 75), {
    content: `<|channel|>analysis<|message|>${THOUGHT}<|end|><|start|>assistant<|channel|>final<|message|>${SAID}`,
  }),
  'gpt-oss without its tokens': answer(issue('oobabooga/textgen', 7_374), {
    content: `analysis${THOUGHT}assistantfinal${SAID}`,
  }),
  'gpt-oss with a final channel alone': answer(issue('vllm-project/vllm', 23_694), {
    content: `<|channel|>final<|message|>${SAID}<|return|>`,
  }),
  'open webui with a fold': answer(
    'https://docs.openwebui.com/features/chat-features/reasoning-models',
    {
      content: `<details type="reasoning" done="true" duration="4">\n<summary>Thought for 4 seconds</summary>\n> ${THOUGHT}\n</details>\n${SAID}`,
    },
  ),
  'cohere with marks': answer('https://docs.cohere.com/docs/reasoning', {
    content: `<|START_THINKING|>${THOUGHT}<|END_THINKING|><|START_RESPONSE|>${SAID}<|END_RESPONSE|>`,
  }),
} satisfies Record<string, Form>;

/** Successful answers without text. */
export const nothing = {
  'an empty text': answer(OPENAI, { content: '' }),
  null: answer(OPENAI, { content: null }),
  'reasoning alone': answer('https://ollama.com/library/deepseek-r1', {
    content: '<think>\n\n</think>',
  }),
  'reasoning that was cut off': answer(
    'https://ollama.com/library/deepseek-r1',
    { content: `<think>\n${THOUGHT}` },
    'length',
  ),
  'reasoning beside nothing': answer(
    'https://docs.vllm.ai/en/latest/features/reasoning_outputs.html',
    { content: null, reasoning_content: THOUGHT },
    'length',
  ),
  'a thinking block alone': answer(
    MISTRAL,
    { content: [{ type: 'thinking', thinking: [{ type: 'text', text: THOUGHT }] }] },
    'length',
  ),
} satisfies Record<string, Form>;

/** Answers with a status of success that are no answers. */
export const noAnswers = {
  'lm studio under a wrong path': refusal(issue('lmstudio-ai/lmstudio-bug-tracker', 618), 200, {
    error: 'Unexpected endpoint or method. (POST /chat/completions)',
  }),
  'openrouter after it began': refusal(OPENROUTER, 200, {
    error: {
      code: 502,
      message: 'Provider returned error',
      metadata: { raw: 'upstream overloaded', provider_name: 'A provider' },
    },
  }),
  'openrouter within a choice': answer(OPENROUTER, { content: '' }, 'error', {
    error: { code: 429, message: 'Rate limited by the provider' },
  }),
  'a portal’s page': refusal('https://www.rfc-editor.org/rfc/rfc8952', 200, page('Sign in'), PAGE),
  'no body': refusal('https://www.rfc-editor.org/rfc/rfc9110', 200, ''),
  'another service': refusal('https://www.rfc-editor.org/rfc/rfc8259', 200, { status: 'ok' }),
  'no choices': refusal(OPENROUTER, 200, { ...completion({}), choices: null }),
  'broken json': refusal(
    'https://www.rfc-editor.org/rfc/rfc8259',
    200,
    '{"id": "chatcmpl-1", "choi',
  ),
  'minimax without credit': refusal(
    'https://platform.minimax.io/docs/api-reference/errorcode',
    200,
    {
      base_resp: { status_code: 1008, status_msg: 'insufficient balance' },
    },
  ),
  'a proxy in its own words': refusal(
    'https://fastapi.tiangolo.com/tutorial/handling-errors',
    200,
    {
      detail: 'Upstream is not configured',
    },
  ),
  'gemini recites': answer(
    'https://ai.google.dev/api/generate-content#FinishReason',
    { content: 'They compared' },
    'RECITATION',
  ),
  'a call of a tool': answer(
    OPENAI,
    {
      content: null,
      tool_calls: [{ id: 'c', type: 'function', function: { name: 'look', arguments: '{}' } }],
    },
    'tool_calls',
  ),
  'openai refuses': answer(OPENAI, { content: null, refusal: 'I cannot help with that.' }),
  'openai refuses in a block': answer(OPENAI, {
    content: [{ type: 'refusal', refusal: 'I cannot help with that.' }],
  }),
  'azure filters the answer': answer(AZURE_FILTER, { content: '' }, 'content_filter', {
    content_filter_results: { violence: { filtered: true, severity: 'high' } },
  }),
  'gemini filters the answer': answer(
    'https://ai.google.dev/gemini-api/docs/safety-settings',
    {},
    'content_filter',
  ),
} satisfies Record<string, Form>;

/** Refusals by their status. */
export const refusals = {
  'openai without credit': refusal(OPENAI_ERRORS, 429, {
    error: {
      message: 'You exceeded your current quota, please check your plan and billing details.',
      type: 'insufficient_quota',
      param: null,
      code: 'insufficient_quota',
    },
  }),
  'openai too fast': refusal(
    OPENAI_ERRORS,
    429,
    {
      error: {
        message: 'Rate limit reached for gpt-4o-mini',
        type: 'tokens',
        param: null,
        code: 'rate_limit_exceeded',
      },
    },
    { 'retry-after': '20', 'retry-after-ms': '19500' },
  ),
  'azure without a deployment': refusal(
    'https://learn.microsoft.com/azure/ai-foundry/openai/reference',
    404,
    {
      error: {
        code: 'DeploymentNotFound',
        message: 'The API deployment for this resource does not exist.',
      },
    },
  ),
  'azure’s gateway': refusal(
    'https://learn.microsoft.com/azure/api-management/api-management-subscriptions',
    401,
    {
      statusCode: 401,
      message: 'Access denied due to invalid subscription key or wrong API endpoint.',
    },
  ),
  'azure filters the prompt': refusal(AZURE_FILTER, 400, {
    error: {
      message:
        "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
      type: null,
      param: 'prompt',
      code: 'content_filter',
      status: 400,
      innererror: { code: 'ResponsibleAIPolicyViolation' },
    },
  }),
  'gemini with a wrong key, in a list': refusal(
    issue('SuzumiyaAkizuki/ComfyUI-NewBie-LLM-Formatter', 3),
    400,
    [
      {
        error: {
          code: 400,
          message: 'API key not valid. Please pass a valid API key.',
          status: 'INVALID_ARGUMENT',
        },
      },
    ],
  ),
  'gemini too fast, in a list': refusal('https://ai.google.dev/gemini-api/docs/rate-limits', 429, [
    {
      error: {
        code: 429,
        message: 'You exceeded your current quota.',
        status: 'RESOURCE_EXHAUSTED',
        details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.5s' }],
      },
    },
  ]),
  'anthropic overloaded': refusal('https://docs.anthropic.com/en/api/errors', 529, {
    type: 'error',
    error: { type: 'overloaded_error', message: 'Overloaded' },
    request_id: 'req_1',
  }),
  'mistral with a wrong key': refusal('https://docs.mistral.ai/api/', 401, {
    detail: 'Unauthorized',
  }),
  'mistral with a wrong model': refusal('https://docs.mistral.ai/api/', 400, {
    object: 'error',
    message: 'Invalid model: no-model',
    type: 'invalid_model',
    param: null,
    code: '1500',
  }),
  'fastapi names the field': refusal(
    'https://fastapi.tiangolo.com/tutorial/handling-errors/',
    422,
    {
      detail: [{ type: 'missing', loc: ['body', 'messages'], msg: 'Field required', input: {} }],
    },
  ),
  'ollama without the model': refusal('https://docs.ollama.com/api/errors', 404, {
    error: { message: "model 'no-model' not found", type: 'api_error', param: null, code: null },
  }),
  'ollama’s own': refusal('https://docs.ollama.com/api/errors', 400, {
    error: 'invalid message content',
  }),
  'a wrong path': refusal('https://pkg.go.dev/net/http#NotFound', 404, '404 page not found'),
  litellm: refusal('https://docs.litellm.ai/docs/exception_mapping', 401, {
    error: {
      message: 'Authentication Error, Invalid proxy server token passed.',
      type: 'auth_error',
      param: 'None',
      code: '401',
    },
  }),
  'openrouter without credit': refusal(OPENROUTER, 402, {
    error: { message: 'Insufficient credits. Add more credits and retry the request.', code: 402 },
    user_id: 'user_1',
  }),
  nginx: refusal(
    'https://nginx.org/en/docs/http/ngx_http_proxy_module.html',
    502,
    page('502 Bad Gateway'),
    PAGE,
  ),
  nothing: refusal('https://www.rfc-editor.org/rfc/rfc9110', 503, ''),
} satisfies Record<string, Form>;

const invalid = (message: string, more: object = {}) => ({
  error: { message, type: 'invalid_request_error', param: null, code: null, ...more },
});

/** Refusals of a setting that the model does not support. Each names it. */
export const unknownSettings = {
  'openai temperature': refusal(
    issue('johny-b/llmcomp', 69),
    400,
    invalid(
      "Unsupported value: 'temperature' does not support 0.3 with this model. Only the default (1) value is supported.",
      { param: 'temperature', code: 'unsupported_value' },
    ),
  ),
  'gpt-5.2 without a code': refusal(
    'https://platform.openai.com/docs/guides/latest-model',
    400,
    invalid("Unsupported parameter: 'temperature' is not supported with this model.", {
      param: 'temperature',
    }),
  ),
  'search preview': refusal(
    issue('raycast/extensions', 18_304),
    400,
    invalid('Model incompatible request argument supplied: temperature'),
  ),
  'search preview, several': refusal(
    issue('ChatGPTNextWeb/NextChat', 6_569),
    400,
    invalid(
      'Model incompatible request arguments supplied: frequency_penalty, presence_penalty, temperature, top_p',
    ),
  ),
  claude: refusal(issue('ltmoerdani/opencode-copilot-chat', 20), 400, {
    message: 'temperature is deprecated for this model.',
  }),
  'claude through litellm and bedrock': refusal(issue('RooCodeInc/Roo-Code', 12_162), 400, {
    error: {
      message:
        'litellm.BadRequestError: BedrockException - {"message":"The model returned the following errors: {\\"type\\":\\"error\\",\\"error\\":{\\"type\\":\\"invalid_request_error\\",\\"message\\":\\"`temperature` is deprecated for this model.\\"}}"}',
      type: null,
      param: null,
      code: '400',
    },
  }),
  litellm: refusal('https://docs.litellm.ai/docs/completion/drop_params', 400, {
    error: {
      message:
        "litellm.UnsupportedParamsError: gpt-5 models don't support temperature=0.3. Only temperature=1 is supported.",
      type: 'None',
      param: null,
      code: '400',
    },
  }),
  kimi: refusal(
    'https://platform.moonshot.ai/docs/guide/kimi-k2-5-quickstart',
    400,
    invalid('invalid temperature: only 1 is allowed for this model'),
  ),
  pydantic: refusal(
    'https://docs.pydantic.dev/latest/errors/validation_errors/#extra_forbidden',
    422,
    {
      detail: [
        {
          type: 'extra_forbidden',
          loc: ['body', 'temperature'],
          msg: 'Extra inputs are not permitted',
          input: 0.3,
        },
      ],
    },
  ),
} satisfies Record<string, Form>;

/** Refusals of too large requests; some name a setting. */
export const tooLarge = {
  openai: refusal(
    OPENAI_ERRORS,
    400,
    invalid(
      "This model's maximum context length is 8192 tokens. However, your messages resulted in 8227 tokens. Please reduce the length of the messages.",
      { param: 'messages', code: 'context_length_exceeded' },
    ),
  ),
  vllm: refusal(issue('vllm-project/vllm', 20_409), 400, {
    object: 'error',
    message:
      "This model's maximum context length is 16384 tokens. However, you requested 19591 tokens (9591 in the messages, 10000 in the completion). Please reduce the length of the messages or completion.",
    type: 'BadRequestError',
    param: null,
    code: 400,
  }),
  'vllm in its own words': refusal(issue('vllm-project/vllm', 4_667), 400, {
    object: 'error',
    message: 'max_tokens must be at least 1, got -186.',
    type: 'BadRequestError',
    param: null,
    code: 400,
  }),
  groq: refusal('https://console.groq.com/docs/errors', 413, {
    error: { message: 'Request too large for model', type: 'tokens', code: 'rate_limit_exceeded' },
  }),
  'a proxy': refusal(
    'https://nginx.org/en/docs/http/ngx_http_core_module.html#client_max_body_size',
    413,
    page('413 Request Entity Too Large'),
    PAGE,
  ),
} satisfies Record<string, Form>;

/** All forms, by group and name: `answers: openai`. */
export const forms: Record<string, Form> = Object.fromEntries(
  Object.entries({ answers, nothing, noAnswers, refusals, unknownSettings, tooLarge }).flatMap(
    ([group, named]) =>
      Object.entries<Form>(named).map(([name, form]) => [`${group}: ${name}`, form]),
  ),
);
