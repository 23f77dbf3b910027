import type { CapturedEvent } from './types';

const ADDRESS = /^\/project\/([^/]+)\/replay\/([\w-]+)$/;
const STYLE =
  'body{font:1rem/1.6 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}' +
  'li{padding:.1rem .5rem}li[aria-current]{background:light-dark(#fdf0c8,#332b17)}time{font-family:monospace}';

/**
 * A page in the place of a session's replay: what happened, as a list, because nothing is recorded here. Undefined for any
 * other path.
 *
 * @param query `timestamp` in epoch milliseconds, or `t` in seconds from the session's start, marks a moment
 * @param events of all projects, oldest first
 */
export function replayPage(
  path: string,
  query: URLSearchParams,
  events: readonly CapturedEvent[],
): string | undefined {
  const [, , sessionId] = ADDRESS.exec(path) ?? [];
  if (sessionId === undefined) return undefined;
  const seen = events
    .filter(({ properties }) => properties.$session_id === sessionId)
    .sort((a, b) => a.happenedAt - b.happenedAt);
  const began = seen[0]?.happenedAt ?? 0;
  const moment = Number(query.get('timestamp') ?? began + Number(query.get('t') ?? 0) * 1_000);
  const next = seen.find(({ happenedAt }) => happenedAt >= moment);
  const lines = seen.map(
    (event) =>
      `<li${event === next ? ' aria-current="true"' : ''}><time>${offset(event.happenedAt - began)}</time> ` +
      `${escape(event.event)} ${escape(detailOf(event))}</li>`,
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Session replay (simulated)</title>
<style>${STYLE}</style>
<h1>Session replay (simulated)</h1>
<p>PostHog would play the recording of session <code>${escape(sessionId)}</code> here, from the marked moment on.</p>
<ol>${lines.join('\n')}</ol>
${seen.length === 0 ? '<p>There are no events of this session.</p>' : ''}
</html>
`;
}

function detailOf({ properties }: CapturedEvent): string {
  const { $pathname: path, title, $el_text: text } = properties;
  return [title ?? text, path].filter((one) => typeof one === 'string').join(' · ');
}

const offset = (ms: number): string =>
  `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1_000) % 60).padStart(2, '0')}`;

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
