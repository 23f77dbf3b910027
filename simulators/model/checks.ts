import { modelError } from './errors';

/** @throws ModelError 400 for anything but a JSON object */
export function parseBody(rawBody: string): Record<string, unknown> {
  const refuse = () =>
    modelError(400, 'We could not parse the JSON body of your request.', { code: 'invalid_json' });
  let body: unknown;
  try {
    body = JSON.parse(rawBody);
  } catch {
    throw refuse();
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw refuse();
  return body as Record<string, unknown>;
}

/** @throws ModelError 400 when no model is named, 404 when there is none of that name */
export function requireModel(model: unknown, models: readonly string[]): string {
  if (typeof model !== 'string' || model === '') {
    throw modelError(400, 'you must provide a model parameter', { param: 'model' });
  }
  if (!models.includes(model)) {
    const text = `The model \`${model}\` does not exist or you do not have access to it.`;
    throw modelError(404, text, { code: 'model_not_found' });
  }
  return model;
}
